import type { Attachment } from 'svelte/attachments';

/** Keeps what has the focus in sight where something above it in a box that scrolls grows. What was scrolled out of sight stays there. */
export const focusInSight: Attachment<HTMLElement> = (box) => {
  let wasSeen = false;
  let frame = 0;
  const focused = () => (document.activeElement !== box && box.contains(document.activeElement) ? document.activeElement : null);
  const isSeen = (element: Element) => {
    const [own, whole] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
    return own.top >= whole.top - 1 && own.bottom <= whole.bottom + 1;
  };
  const look = () => {
    const element = focused();
    wasSeen = element !== null && isSeen(element);
  };
  // Scrolling that comes with the growth itself is no wish to look elsewhere.
  let isGrowing = false;
  const watch = new MutationObserver(() => {
    if (isGrowing) return;
    isGrowing = true;
    frame = requestAnimationFrame(() => {
      isGrowing = false;
      const element = focused();
      if (element !== null && wasSeen && !isSeen(element)) element.scrollIntoView({ block: 'nearest' });
      look();
    });
  });
  const onLook = () => isGrowing || look();
  watch.observe(box, { childList: true, subtree: true, characterData: true });
  box.addEventListener('focusin', look);
  box.addEventListener('scroll', onLook, { passive: true });
  return () => {
    cancelAnimationFrame(frame);
    watch.disconnect();
    box.removeEventListener('focusin', look);
    box.removeEventListener('scroll', onLook);
  };
};
