import { tick } from 'svelte';
import type { Paper } from '#contract/figure-recipe.ts';
import { toProblem } from '#contract/problem.ts';
import { figure, figureFile, withFont, type Draw, type Figure, type FigureFormat } from '#renderer/charts/figure.ts';
import { plotFigure, type Plot } from '#renderer/charts/plot-figure.ts';
import { bytes } from '#renderer/locales/format.ts';
import { inEnglish } from '#renderer/locales/language.svelte.ts';
import { crumbs } from './crumbs.svelte.ts';
import { saveMade } from './export-options.svelte.ts';
import { rememberedFigure, type Again } from './saved-figures.ts';
import { toasts } from './toasts.svelte.ts';

export interface FigureSource {
  /** Of the file, without extension. */
  readonly name: string;
  /** What is read instead of the picture. */
  readonly summary: string;
  /** A chart of ECharts, or one that is a component. */
  readonly draw?: Draw | undefined;
  readonly plot?: Plot | undefined;
  /** The drawn data as CSV. */
  readonly data: () => string;
  /** Absent where the figure is not remembered. */
  readonly again?: Again | undefined;
}

/** The figure as the file will be, with the font inside. */
interface Picture {
  readonly address: string;
  /** Points. */
  readonly width: number;
  readonly summary: string;
}

/** A figure for paper while its size and format are chosen: drawn anew with every choice, shown as the file will be, and saved. */
export class FigureMaker {
  format = $state<FigureFormat>('pdf');
  columns = $state<'one' | 'two'>('one');
  aspect = $state('0.62');
  busy = $state(false);
  #picture = $state.raw<Picture>();
  /** Of what is to be drawn now, whether it is shown yet or not. */
  #drawing: Promise<Figure> | undefined;
  readonly #source: () => FigureSource | undefined;

  /** `source` is followed; undefined while there is nothing to draw. Make it while a component initialises. */
  constructor(source: () => FigureSource | undefined) {
    this.#source = source;
    let shown: string | undefined;
    const show = (picture: Picture | undefined) => {
      if (shown !== undefined) URL.revokeObjectURL(shown);
      shown = picture?.address;
      this.#picture = picture;
    };
    $effect(() => this.#draw(source(), show));
    $effect(() => () => show(undefined));
  }

  /** The one before stays until the next one is there. */
  get picture(): Picture | undefined {
    return this.#picture;
  }

  /** As it was chosen: where that is still being drawn, it is waited for. */
  async save(extension: FigureFormat | 'csv'): Promise<void> {
    await tick();
    const [drawing, source] = [this.#drawing, this.#source()];
    if (drawing === undefined || source === undefined) return;
    const { again, name } = source;
    const paper: Paper = { format: extension, columns: this.columns, aspect: Number(this.aspect) };
    // The last part of the breadcrumb names the comparison.
    const title = crumbs.detail ?? name;
    this.busy = true;
    const written = await saveMade(
      `${name}.${extension}`,
      'Save the figure',
      () => (extension === 'csv' ? Promise.resolve(dataOf(source)) : drawing.then((drawn) => figureFile(drawn, extension))),
      again === undefined ? undefined : () => rememberedFigure(again, paper, title),
    );
    this.busy = false;
    if (written !== undefined) toasts.saved(`Saved ${written.path}, ${bytes(written.bytes)}`, written.path);
  }

  #draw(source: FigureSource | undefined, show: (picture: Picture | undefined) => void): (() => void) | undefined {
    if (source === undefined) {
      this.#drawing = undefined;
      show(undefined);
      return undefined;
    }
    const drawing = drawn(source, this.columns, Number(this.aspect));
    this.#drawing = drawing;
    let isLeft = false;
    drawing.then(pictureOf).then(
      ({ address, width }) => {
        if (isLeft) URL.revokeObjectURL(address);
        else show({ address, width, summary: source.summary });
      },
      (error: unknown) => {
        if (!isLeft) toasts.fail(toProblem(error));
      },
    );
    return () => {
      isLeft = true;
    };
  }
}

/** The file of a figure that is not shown. */
export async function figureBytes(source: FigureSource, { format, columns, aspect }: Paper): Promise<Uint8Array<ArrayBuffer>> {
  return format === 'csv' ? dataOf(source) : figureFile(await drawn(source, columns, aspect), format);
}

const dataOf = (source: FigureSource): Uint8Array<ArrayBuffer> => new TextEncoder().encode(inEnglish(source.data));

/** A plot is mounted to be drawn, which is no part of what whoever asks tracks. */
async function drawn({ plot, draw }: FigureSource, columns: FigureMaker['columns'], aspect: number): Promise<Figure> {
  await tick();
  if (plot !== undefined) return plotFigure(plot, columns, aspect);
  if (draw !== undefined) return figure(draw, columns, aspect);
  throw new Error('There is nothing to draw');
}

/** Ready to be painted, so that it takes the place of another in one go. */
async function pictureOf({ svg, width }: Figure): Promise<{ address: string; width: number }> {
  const address = URL.createObjectURL(new Blob([await withFont(svg)], { type: 'image/svg+xml' }));
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  return { address, width };
}
