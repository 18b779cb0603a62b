/** Which elements of a page explain themselves to a pointer at rest, in the order they are read: what the walk by keys goes through. */

/** A number that shows its own read-out, where its table leaves it no stop. */
export const isMetric = (element: Element): boolean => element.matches('.metric[role="group"]');

export const explanationOf = (element: Element): string => element.getAttribute('title') ?? element.getAttribute('data-about') ?? '';

/** Those that can be seen and say more than they show. */
export function explained(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('[title], [data-about], .metric[role="group"]')].filter((element) => {
    if (
      element.closest('[inert], [aria-hidden="true"], .visually-hidden') !== null ||
      !element.checkVisibility({ visibilityProperty: true })
    )
      return false;
    const text = explanationOf(element).trim();
    if (isMetric(element)) return true;
    // A name that is cut off has itself whole as its title.
    return text !== '' && (text !== element.textContent.trim() || element.scrollWidth > element.clientWidth);
  });
}

/** Where a walk begins: at what has the focus or stands around it, else at the next one after it; on a page without focus at its first. */
export function firstFrom(elements: readonly HTMLElement[], focused: Element | null): number {
  // Of a grid whose rows have no focus of their own, its present row.
  const row = document.getElementById(focused?.getAttribute('aria-activedescendant') ?? '');
  const from = row ?? (focused === null || focused === document.body ? document.querySelector('main') : focused);
  const at = elements.findIndex(
    (element) =>
      from !== null && (element.contains(from) || (from.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0),
  );
  return Math.max(at, 0);
}
