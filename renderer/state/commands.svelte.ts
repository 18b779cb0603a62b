import { untrack } from 'svelte';
import type { ShortcutId } from '#contract/shortcuts.ts';
import type { IconName } from '#renderer/components/icons.ts';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  /** The keys that start it while its page is shown. */
  readonly shortcut?: ShortcutId;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Everything the palette can do. A page adds its commands while it is shown: `$effect(() => commands.add([...]))`. */
class Commands {
  #sets = $state.raw<readonly (readonly Command[])[]>([]);

  get all(): readonly Command[] {
    return this.#sets.flat();
  }

  /** What the page that is shown does with these keys. */
  of(shortcut: ShortcutId): Command | undefined {
    return this.all.find((command) => command.shortcut === shortcut);
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
