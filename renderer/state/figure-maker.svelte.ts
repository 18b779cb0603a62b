import { tick } from 'svelte';
import { figure, figureFile, withFont, type Draw, type Figure, type FigureFormat } from '#renderer/charts/figure.ts';
import { plotFigure, type Plot } from '#renderer/charts/plot-figure.ts';
import { bytes } from '#renderer/locales/format.ts';
import { inEnglish } from '#renderer/locales/language.svelte.ts';
import { saveMade } from './export-options.svelte.ts';
import { attempt } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

export interface FigureSource {
  /** Of the file, without extension. */
  readonly name: string;
  /** A chart of ECharts, or one that is a component. */
  readonly draw?: Draw | undefined;
  readonly plot?: Plot | undefined;
  /** The drawn data as CSV. */
  readonly data: () => string;
}

/** A figure for paper while its size and format are chosen: drawn anew with every choice, shown as the file will be, and saved. */
export class FigureMaker {
  format = $state<FigureFormat>('pdf');
  columns = $state<'one' | 'two'>('one');
  aspect = $state('0.62');
  busy = $state(false);
  #drawn = $state.raw<Figure>();
  #address = $state<string>();
  readonly #source: () => FigureSource | undefined;

  /** `source` is followed; undefined while there is nothing to draw. Make it while a component initialises. */
  constructor(source: () => FigureSource | undefined) {
    this.#source = source;
    $effect(() => this.#draw(source()));
    $effect(() => this.#show(this.#drawn));
  }

  get drawn(): Figure | undefined {
    return this.#drawn;
  }

  /** Of the picture, with the font inside. */
  get address(): string | undefined {
    return this.#address;
  }

  async save(extension: FigureFormat | 'csv'): Promise<void> {
    const [drawn, source] = [this.#drawn, this.#source()];
    if (drawn === undefined || source === undefined) return;
    this.busy = true;
    const written = await saveMade(`${source.name}.${extension}`, 'Save the figure', async () =>
      extension === 'csv' ? new TextEncoder().encode(inEnglish(source.data)) : figureFile(drawn, extension),
    );
    this.busy = false;
    if (written !== undefined) toasts.saved(`Saved ${written.path}, ${bytes(written.bytes)}`, written.path);
  }

  #draw(source: FigureSource | undefined): (() => void) | undefined {
    if (source === undefined) return undefined;
    const [of, chart, width, height] = [source.plot, source.draw, this.columns, Number(this.aspect)];
    let isLeft = false;
    // A plot is mounted to be drawn, which is no part of what this itself tracks.
    void tick().then(async () => {
      if (isLeft) return;
      const made = await attempt(async () =>
        of !== undefined ? plotFigure(of, width, height) : chart === undefined ? undefined : figure(chart, width, height),
      );
      if (isLeft) return;
      if (made.problem !== undefined) return toasts.fail(made.problem);
      this.#drawn = made.value;
    });
    return () => {
      isLeft = true;
      this.#drawn = undefined;
    };
  }

  #show(drawn: Figure | undefined): (() => void) | undefined {
    if (drawn === undefined) return undefined;
    let url: string | undefined;
    let isLeft = false;
    void attempt(() => withFont(drawn.svg)).then((made) => {
      if (isLeft) return;
      if (made.problem !== undefined) return toasts.fail(made.problem);
      url = URL.createObjectURL(new Blob([made.value], { type: 'image/svg+xml' }));
      this.#address = url;
    });
    return () => {
      isLeft = true;
      this.#address = undefined;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }
}
