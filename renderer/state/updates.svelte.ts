import type { UpdateAction, UpdateState } from '#contract/updates.ts';
import { toProblem } from '#contract/problem.ts';
import { toasts } from './toasts.svelte.ts';

/** How an update stands: main keeps it, so it is the same after another screen or a page that was loaded anew. None in browser mode. */
class Updates {
  #state = $state.raw<UpdateState | undefined>();

  get state(): UpdateState | undefined {
    return this.#state;
  }

  /** Listens, and asks main how things stand; nobody else is asked. Returns what ends it. */
  follow(): (() => void) | undefined {
    const host = window.avocet;
    if (host === undefined) return undefined;
    const end = host.onUpdate((state) => (this.#state = state));
    void this.act('look');
    return end;
  }

  async act(action: UpdateAction): Promise<void> {
    try {
      this.#state = await window.avocet?.update(action);
    } catch (error) {
      toasts.fail(toProblem(error));
    }
  }
}

export const updates = new Updates();
