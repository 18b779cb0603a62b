import type { ShortcutId } from '#contract/shortcuts.ts';
import type { IconName } from './icons.ts';

/** An entry of a menu: what it says, shows and does. */
export interface MenuEntry {
  readonly label: string;
  readonly icon?: IconName;
  readonly keys?: string | undefined;
  /** What the keys are of, for whoever hears them in the menu's place. */
  readonly shortcut?: ShortcutId;
  readonly hint?: string;
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Draws a hairline above the entry. */
  readonly rule?: boolean;
  readonly run: () => void;
}

/** One that stands in the palette as well. */
export type IconEntry = MenuEntry & { readonly icon: IconName };
