/**
 * Resolves once the page has drawn what was given to it, so that whoever feeds it live values goes at its pace. A hidden page draws
 * nothing and is fed slowly.
 */
const hiddenMs = 1000;

export function painted(): Promise<void> {
  if (typeof requestAnimationFrame === 'undefined') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, hiddenMs);
    // The frame after the callback is the one that shows it: a task comes after that frame.
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve, 0);
    });
  });
}
