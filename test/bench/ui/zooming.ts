/** Zoom and pan in the curves of a million points: main thread a frame. */
import type { Page } from '@playwright/test';
import { quantile } from '../statistics.ts';
import { mainThread } from './main-thread.ts';

/** Wheel steps towards the middle and back, keys to the right and left between them. */
const steps = { in: 20, across: 8, out: 24 };

/** What 95 of 100 frames stay below, ms. The charts of the long run are open. */
export async function zoomOnce(page: Page): Promise<number> {
  const { frames } = await mainThread(page, () =>
    page.evaluate(async (count) => {
      const chart = document.querySelector<HTMLElement>('main figure [role="img"]')!;
      const box = chart.getBoundingClientRect();
      const wheel = (deltaY: number) =>
        chart.dispatchEvent(
          new WheelEvent('wheel', {
            deltaY,
            ctrlKey: true,
            clientX: box.left + box.width * 0.6,
            clientY: box.top + 40,
            bubbles: true,
            cancelable: true,
          }),
        );
      const key = (name: string) => chart.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
      const frame = () => window.bench.markedFrame(() => undefined);
      chart.focus();
      const turns: (() => void)[] = [
        ...Array.from({ length: count.in }, () => () => wheel(-1)),
        ...Array.from({ length: count.across }, () => () => key('ArrowRight')),
        ...Array.from({ length: count.across }, () => () => key('ArrowLeft')),
        ...Array.from({ length: count.out }, () => () => wheel(1)),
      ];
      for (const turn of turns) {
        turn();
        await frame();
      }
      await frame();
    }, steps),
  );
  return quantile(frames, 0.95);
}
