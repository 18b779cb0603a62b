/** A range of a chart chosen by dragging over it, tinted while it is dragged. */

/** Shorter than this it was a click, px. */
const leastWidth = 5;

/** Tells of the events where a drag from left to right or back began and ended, the left one first. Returns what ends the listening. */
export function brush(element: HTMLElement, ondone: (left: MouseEvent, right: MouseEvent) => void): () => void {
  let began: PointerEvent | undefined;
  let tint: HTMLElement | undefined;
  const end = () => {
    tint?.remove();
    began = tint = undefined;
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    began = event;
  };
  const move = (event: PointerEvent) => {
    if (began === undefined) return;
    const { left, height } = element.getBoundingClientRect();
    const [from, to] = [began.clientX - left, event.clientX - left].sort((a, b) => a - b) as [number, number];
    if (tint === undefined) {
      if (to - from < leastWidth) return;
      tint = document.createElement('div');
      element.setPointerCapture(event.pointerId);
      element.append(tint);
    }
    tint.style.cssText = `position:absolute;top:0;pointer-events:none;height:${height}px;left:${from}px;width:${to - from}px;background:var(--accent);opacity:0.16`;
  };
  const up = (event: PointerEvent) => {
    const from = began;
    const wasDragged = tint !== undefined;
    end();
    if (from === undefined || !wasDragged) return;
    if (from.clientX < event.clientX) ondone(from, event);
    else ondone(event, from);
  };
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: end } as const;
  for (const [type, listener] of Object.entries(listeners)) element.addEventListener(type, listener as (event: Event) => void);
  return () => {
    end();
    for (const [type, listener] of Object.entries(listeners)) element.removeEventListener(type, listener as (event: Event) => void);
  };
}
