import type { Draw } from '#renderer/charts/figure.ts';

export interface FigureRequest {
  /** Of the file, without extension. */
  readonly name: string;
  /** What is read instead of the picture. */
  readonly summary: string;
  readonly draw: Draw;
  /** The drawn data as CSV. */
  readonly data: () => string;
}

/** The chart whose figure is being saved from its context menu; the frame shows the dialog. */
class Figures {
  #asked = $state.raw<FigureRequest | undefined>();

  get asked(): FigureRequest | undefined {
    return this.#asked;
  }

  save(request: FigureRequest): void {
    this.#asked = request;
  }

  close(): void {
    this.#asked = undefined;
  }
}

export const figures = new Figures();
