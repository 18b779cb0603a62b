import type { SavedView, ViewState } from '#contract/runs-table.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** Saved views of the runs table. Saving, renaming and deleting one can be taken back like anything else. */
export class SavedViewList {
  #views = $state.raw<readonly SavedView[]>([]);
  #isLoaded = $state(false);

  get all(): readonly SavedView[] {
    return this.#views;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  find(id: string | undefined): SavedView | undefined {
    return this.#views.find((view) => view.id === id);
  }

  async load(): Promise<void> {
    const answer = await attempt(() => studio.call('views.list', {}));
    if (answer.value !== undefined) this.#views = answer.value.views;
    this.#isLoaded = true;
  }

  /** A new view, or over the one with this id. Its id, or undefined where it could not be saved. */
  async save(name: string, state: ViewState, id?: string): Promise<string | undefined> {
    const before = this.find(id);
    const saved = await this.#put(name, state, id);
    if (saved === undefined) return undefined;
    toasts.say(
      before === undefined ? `View ${name} saved` : before.name === name ? `View ${name} updated` : `View renamed to ${name}`,
      () => (before === undefined ? this.#drop(saved) : this.#put(before.name, before.state, saved)).then(() => undefined),
      () => this.#put(name, state, saved).then(() => undefined),
    );
    return saved;
  }

  async remove(view: SavedView): Promise<void> {
    if (!(await this.#drop(view.id))) return;
    toasts.say(
      `View ${view.name} deleted`,
      () => this.#put(view.name, view.state, view.id).then(() => undefined),
      () => this.#drop(view.id).then(() => undefined),
    );
  }

  async #put(name: string, state: ViewState, id: string | undefined): Promise<string | undefined> {
    const answer = await attempt(() => studio.call('views.save', { name, state, ...(id === undefined ? {} : { id }) }));
    if (answer.problem !== undefined) {
      toasts.fail(answer.problem);
      return undefined;
    }
    await this.load();
    return answer.value.id;
  }

  async #drop(id: string): Promise<boolean> {
    const answer = await attempt(() => studio.call('views.remove', { id }));
    if (answer.problem !== undefined) toasts.fail(answer.problem);
    await this.load();
    return answer.problem === undefined;
  }
}
