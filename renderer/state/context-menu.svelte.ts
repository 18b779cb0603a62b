/** The menu of what was clicked with the right button or has the focus (Shift+F10, menu key): one at a time, drawn by the frame. */
import type { Attachment } from 'svelte/attachments';
import type { MenuEntry } from '#renderer/components/menu-entry.ts';

export interface ContextMenuRequest {
  /** Accessible name: what it is the menu of. */
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

class ContextMenu {
  #open = $state.raw<(ContextMenuRequest & { readonly x: number; readonly y: number }) | undefined>();
  #before: Element | null = null;

  get open() {
    return this.#open;
  }

  show(request: ContextMenuRequest, x: number, y: number): void {
    if (request.entries.length === 0) return;
    this.#before = document.activeElement;
    this.#open = { ...request, x, y };
  }

  /** The focus goes back to where it was, unless the chosen entry has taken it elsewhere. */
  close(): void {
    this.#open = undefined;
  }

  /** What had the focus when the menu opened, for when it closes. */
  get before(): Element | null {
    return this.#before;
  }
}

export const contextMenu = new ContextMenu();

/** The keys of the system for a context menu. */
export const isMenuKey = ({ key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean =>
  !ctrlKey && !altKey && !metaKey && (key === 'ContextMenu' || (key === 'F10' && shiftKey));

const isField = (target: EventTarget | null): boolean =>
  (target as HTMLElement | null)?.closest?.('input:not([type=checkbox]), textarea') instanceof Element;

/**
 * Gives an element a context menu; what lies inside may have one of its own, which then comes first. Fields keep the system's. A chart
 * is made `focusable`, so that keys reach its menu.
 */
export function menuOf(build: () => ContextMenuRequest | undefined, how?: 'focusable'): Attachment<HTMLElement | SVGElement> {
  return (element) => {
    if (how === 'focusable') element.tabIndex = 0;
    const show = (event: Event, x: number, y: number) => {
      const request = build();
      if (request === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      contextMenu.show(request, x, y);
    };
    const onPointer = (event: Event) => {
      const { clientX, clientY } = event as MouseEvent;
      // Some systems send this event for the menu key too, without a place.
      if (event.defaultPrevented || isField(event.target)) return;
      if (clientX === 0 && clientY === 0) return;
      show(event, clientX, clientY);
    };
    const onKey = (event: Event) => {
      if (event.defaultPrevented || isField(event.target) || !isMenuKey(event as KeyboardEvent)) return;
      const box = (event.target as Element).getBoundingClientRect();
      show(event, box.left + Math.min(24, box.width / 2), Math.min(box.bottom, innerHeight - 24));
    };
    element.addEventListener('contextmenu', onPointer);
    element.addEventListener('keydown', onKey);
    return () => {
      element.removeEventListener('contextmenu', onPointer);
      element.removeEventListener('keydown', onKey);
    };
  };
}
