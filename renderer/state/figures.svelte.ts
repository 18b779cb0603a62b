import type { FigureSource } from './figure-maker.svelte.ts';

/** The chart whose figure is being saved from its context menu; the frame shows the dialog. */
class Figures {
  #asked = $state.raw<FigureSource | undefined>();

  get asked(): FigureSource | undefined {
    return this.#asked;
  }

  save(request: FigureSource): void {
    this.#asked = request;
  }

  close(): void {
    this.#asked = undefined;
  }
}

export const figures = new Figures();
