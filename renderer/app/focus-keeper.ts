/**
 * Keeps the focus of whoever works with keys from falling to the document. What holds it may go (a row that is deleted, a screen that is
 * left, a button that is done): then what took its place has it, else what is nearest in the part of the page that is left.
 */

const controls =
  'a[href], button:not(:disabled), input:not(:disabled):not([type="hidden"]), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';

/** How long a control that was pressed may be busy before the focus looks for another place, ms. */
const patience = 600;

interface Place {
  readonly element: Element;
  /** Its ancestors, the nearest first: once it is gone nothing else tells where it was. */
  readonly within: readonly Element[];
  readonly box: DOMRect;
}

function placeOf(element: Element): Place {
  const within: Element[] = [];
  for (let parent = element.parentElement; parent !== null && parent !== document.body; parent = parent.parentElement) within.push(parent);
  return { element, within, box: element.getBoundingClientRect() };
}

const isLost = () => document.activeElement === null || document.activeElement === document.body;
const isShown = (element: Element) => element.isConnected && element.checkVisibility({ visibilityProperty: true });
const canHold = (element: Element) => isShown(element) && !element.matches(':disabled') && element.closest('[inert]') === null;

/** The control of `part` that lies nearest to where the lost one lay. */
function nearest(part: Element, { left, top }: DOMRect): HTMLElement | undefined {
  let best: { readonly control: HTMLElement; readonly far: number } | undefined;
  for (const control of part.querySelectorAll<HTMLElement>(controls)) {
    if (control.tabIndex < 0 || !canHold(control)) continue;
    const box = control.getBoundingClientRect();
    // Lines are what people think in: one line off is further than anything on the same one.
    const far = Math.abs(box.top - top) * 8 + Math.abs(box.left - left);
    if (best === undefined || far < best.far) best = { control, far };
  }
  return best?.control;
}

/** Watches the page until the function returned is called; `page` is what holds a screen and takes the focus when nothing else can. */
export function keepFocus(page: HTMLElement): () => void {
  let last: Place | undefined;
  /** The last place on the page itself: a menu or a dialog that goes away with it lies elsewhere. */
  let onPage: Place | undefined;
  let isByKey = false;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const noted = () => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return;
    last = placeOf(activeElement);
    if (page.parentElement?.contains(activeElement) === true) onPage = last;
  };

  function place(from: Place): boolean {
    if (canHold(from.element) && from.element instanceof HTMLElement) {
      from.element.focus({ preventScroll: true });
      return !isLost();
    }
    for (const part of from.within) {
      if (!isShown(part) || part.closest('[inert]') !== null) continue;
      nearest(part, from.box)?.focus();
      if (!isLost()) return true;
      // Nothing to press is left on this screen; it is still the place to read and to go on from.
      if (part === page) break;
    }
    return false;
  }

  function restore() {
    waiting = undefined;
    if (!isLost() || !isByKey || last === undefined) return;
    if (place(last) || (onPage !== undefined && onPage !== last && place(onPage))) return;
    if (page.closest('[inert]') === null) page.focus({ preventScroll: true });
  }

  function look() {
    if (!isByKey || last === undefined || waiting !== undefined) return;
    const isBusy = last.element.isConnected && last.element.matches(':disabled');
    if (!isLost() && !isBusy) return;
    // Whoever knows better where the focus belongs says so within this task.
    waiting = setTimeout(isBusy ? leaveBusy : restore, isBusy ? patience : 0);
  }

  /** A button that stays disabled keeps the focus of the browser for a while and then silently loses it. */
  function leaveBusy() {
    waiting = undefined;
    if (last === undefined || !last.element.isConnected || !last.element.matches(':disabled')) return restore();
    if (document.activeElement === last.element && last.element instanceof HTMLElement) last.element.blur();
    restore();
  }

  const byKey = () => {
    isByKey = true;
    noted();
  };
  const byHand = () => void (isByKey = false);
  const watching = new MutationObserver(look);
  watching.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled', 'hidden', 'inert'] });
  document.addEventListener('focusin', noted);
  document.addEventListener('keydown', byKey, true);
  document.addEventListener('pointerdown', byHand, true);
  return () => {
    clearTimeout(waiting);
    watching.disconnect();
    document.removeEventListener('focusin', noted);
    document.removeEventListener('keydown', byKey, true);
    document.removeEventListener('pointerdown', byHand, true);
  };
}
