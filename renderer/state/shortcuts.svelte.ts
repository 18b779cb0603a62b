import { keysText } from '#contract/keys.ts';
import { bindingsOf, commandOf, type Bindings, type ShortcutId } from '#contract/shortcuts.ts';
import { settings } from './settings.svelte.ts';
import { pressedChord, type KeyPress } from './shortcuts.ts';
import { studio } from './studio.svelte.ts';

/** The keys as they are now: those of the person, else the usual ones of this shell. */
class Keyboard {
  readonly bindings: Bindings = $derived(bindingsOf(settings.values?.shortcuts ?? {}, studio.capabilities?.shell ?? 'browser'));

  /** True where these keys start the command: for a page's own handlers. */
  is(event: KeyPress, id: ShortcutId): boolean {
    const chord = pressedChord(event);
    return chord !== undefined && this.bindings[id].includes(chord);
  }

  /** The command for everywhere that these keys start. */
  commandOf(event: KeyPress): ShortcutId | undefined {
    const chord = pressedChord(event);
    return chord === undefined ? undefined : commandOf(this.bindings, chord);
  }

  /** "Ctrl+Z", for tooltips, menus and lists; undefined where no keys start it. */
  hint(id: ShortcutId): string | undefined {
    const chord = this.bindings[id][0];
    return chord === undefined ? undefined : keysText(chord);
  }

  all(id: ShortcutId): readonly string[] {
    return this.bindings[id].map(keysText);
  }
}

export const keyboard = new Keyboard();
