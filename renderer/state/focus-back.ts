/** Where the focus was, for what stands in front of a page. */

/** Gives the focus back to an element that can still take it; what took it meanwhile keeps it. */
export function giveFocusBack(before: Element | null): void {
  const isLost = document.activeElement === null || document.activeElement === document.body;
  if (isLost && (before instanceof HTMLElement || before instanceof SVGElement) && before.isConnected)
    before.focus({ preventScroll: true });
}
