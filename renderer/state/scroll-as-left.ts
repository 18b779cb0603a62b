/** Where the parts of the screens were scrolled to, by name, for as long as the window lives. */
const places = new Map<string, { readonly left: number; readonly top: number }>();

const placeOf = ({ scrollLeft, scrollTop }: HTMLElement) => ({ left: scrollLeft, top: scrollTop });
const isSame = (a: { left: number; top: number }, b: { left: number; top: number }) =>
  Math.abs(a.left - b.left) < 1 && Math.abs(a.top - b.top) < 1;

/** What a person scrolls with: from then on the place is theirs. */
const byHand = ['wheel', 'pointerdown', 'touchstart', 'keydown'] as const;

interface Scrolled {
  /** One in the studio, with the id of what is shown. */
  readonly name: string;
  /** The address leads to a line of it: that is shown instead. */
  readonly isLed?: boolean;
}

/**
 * An action for a part that scrolls: it comes back where it was left, and begins at its top under a name that was never here. While what it
 * shows is still being read it is too short for that; it then follows what grows in it, until the place is reached or the person scrolls.
 */
export function scrollAsLeft(node: HTMLElement, scrolled: Scrolled): { update(next: Scrolled): void; destroy(): void } {
  let { name } = scrolled;
  let stop: (() => void) | undefined;
  /** What it was set to here. */
  let set = { left: 0, top: 0 };

  function restore() {
    stop?.();
    const wanted = places.get(name) ?? { left: 0, top: 0 };
    const isReached = () => {
      node.scrollTo({ ...wanted, behavior: 'instant' });
      set = placeOf(node);
      return isSame(set, wanted);
    };
    if (isReached()) return;
    const observer = new MutationObserver(() => isReached() && stop?.());
    observer.observe(node, { subtree: true, childList: true, attributeFilter: ['style', 'hidden'] });
    const end = () => stop?.();
    for (const type of byHand) window.addEventListener(type, end, { capture: true, passive: true });
    stop = () => {
      observer.disconnect();
      for (const type of byHand) window.removeEventListener(type, end, { capture: true });
      stop = undefined;
    };
  }

  function keep() {
    const place = placeOf(node);
    // On the way to its place it says nothing about where a person left it, unless something else has moved it.
    if (stop !== undefined && isSame(place, set)) return;
    stop?.();
    places.set(name, place);
  }

  node.addEventListener('scroll', keep, { passive: true });
  if (scrolled.isLed !== true) restore();
  return {
    update(next) {
      if (next.name === name) return;
      name = next.name;
      if (next.isLed === true) stop?.();
      else restore();
    },
    destroy() {
      node.removeEventListener('scroll', keep);
      stop?.();
    },
  };
}
