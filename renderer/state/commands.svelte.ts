import { untrack } from 'svelte';
import type { IconName } from '#renderer/components/icons.ts';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly keys?: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Everything the palette can do. A page adds its commands while it is shown: `$effect(() => commands.add([...]))`. */
class Commands {
  #sets = $state.raw<readonly (readonly Command[])[]>([]);

  get all(): readonly Command[] {
    return this.#sets.flat();
  }

  /** Returns the clean-up. */
  add(set: readonly Command[]): () => void {
    this.#sets = [...untrack(() => this.#sets), set];
    return () => {
      this.#sets = this.#sets.filter((other) => other !== set);
    };
  }
}

export const commands = new Commands();
