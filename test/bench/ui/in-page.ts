/** Instruments that run in the page. The function is handed over as text, so it reaches for nothing outside itself. */
export interface Instruments {
  /** Resolves after a frame with what holds at its painting. */
  frame<T>(read: () => T): Promise<T>;
  /** Marks a frame for main-thread.ts, and resolves right after its painting with what is read then. */
  markedFrame<T>(read: () => T): Promise<T>;
  /** Milliseconds from the next event of this type (of a key, a click) to the first painted frame in which `isThere` holds. */
  afterEvent(type: 'keydown' | 'click', isThere: () => boolean): Promise<number>;
  /** What a person sees of the runs table: how many match, and its first rows; undefined while anything of it is missing. */
  table(): string | undefined;
  /** Milliseconds until a table of plain cells, made anew, is painted. */
  paintCells(): Promise<number>;
  /** Where lines stand upright through the middle of the chart under this caption, pixels of its canvas. */
  uprights(caption: string): number[];
  /** The last measurement begun. */
  pending: Promise<number> | undefined;
}

declare global {
  interface Window {
    bench: Instruments;
  }
}

export function inPage(): void {
  // The first task after the callbacks of a frame comes after its layout and painting.
  const afterPainting = (then: () => void) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = then;
    channel.port2.postMessage(0);
  };
  const frame = <T>(read: () => T): Promise<T> =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const found = read();
        afterPainting(() => resolve(found));
      });
    });
  window.bench = {
    frame,
    markedFrame: (read) =>
      new Promise((resolve) => {
        requestAnimationFrame(() => {
          performance.mark('bench frame');
          afterPainting(() => resolve(read()));
        });
      }),
    pending: undefined,
    async afterEvent(type, isThere) {
      const from = await new Promise<number>((resolve) =>
        window.addEventListener(type, (event) => resolve(event.timeStamp), { capture: true, once: true }),
      );
      while (!(await frame(isThere)) && performance.now() - from < 20_000);
      return performance.now() - from;
    },
    table() {
      const grid = document.querySelector('[role="grid"][aria-label="Runs"]');
      const rows = [...(grid?.querySelectorAll('[role="row"][aria-rowindex]:not([aria-rowindex="1"])') ?? [])].slice(0, 8);
      if (grid === null || rows.length === 0 || grid.querySelector('[aria-label="Loading"], .waiting') !== null) return undefined;
      return `${document.querySelector('main h1')?.textContent} ${rows.map((row) => row.textContent).join('|')}`;
    },
    uprights(caption) {
      const figures = [...document.querySelectorAll('main figure')];
      const figure = figures.find((each) => each.querySelector('figcaption')?.textContent.trim().startsWith(caption) === true);
      const canvas = figure?.querySelector('canvas');
      if (canvas === null || canvas === undefined || canvas.height === 0) return [];
      const { width, height } = canvas;
      const from = Math.round(height * 0.3);
      const rows = Math.round(height * 0.3);
      const { data } = canvas.getContext('2d')!.getImageData(0, from, width, rows);
      const found: number[] = [];
      // Lines of the grid lie across: of those a column has a pixel or two, and words stand left of the plot.
      for (let x = 60; x < width; x++) {
        let drawn = 0;
        for (let y = 0; y < rows; y++) if (data[(y * width + x) * 4 + 3]! > 16) drawn++;
        if (drawn > rows * 0.9) found.push(x);
      }
      return found;
    },
    async paintCells() {
      const started = performance.now();
      const table = document.createElement('table');
      table.style.cssText = 'position:fixed;inset:0;background:white;z-index:9999';
      for (let row = 0; row < 60; row++) {
        const line = table.insertRow();
        for (let cell = 0; cell < 20; cell++) line.insertCell().textContent = `${row * cell}.${row}`;
      }
      document.body.append(table);
      await frame(() => undefined);
      const took = performance.now() - started;
      table.remove();
      return took;
    },
  };
}
