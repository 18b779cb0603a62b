/** The last part of the breadcrumb, set by a detail page: `$effect(() => crumbs.show(run.sentence))`. */
class Crumbs {
  #detail = $state<string | undefined>();

  get detail(): string | undefined {
    return this.#detail;
  }

  /** Returns the clean-up. */
  show(text: string | undefined): () => void {
    this.#detail = text;
    return () => {
      this.#detail = undefined;
    };
  }
}

export const crumbs = new Crumbs();
