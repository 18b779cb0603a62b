/**
 * Keys of one chord, by physical key: "Ctrl+Shift+KeyZ", "Alt+ArrowUp", "F6". Ctrl is Command on a Mac. The code names the place of a
 * key (KeyboardEvent.code), so a chord stays where it is on every keyboard layout.
 */
import * as v from 'valibot';

const chordPattern = /^(?:Ctrl\+)?(?:Alt\+)?(?:Shift\+)?[A-Z][A-Za-z0-9]{0,30}$/;
export const chordSchema = v.pipe(v.string(), v.regex(chordPattern, 'must be keys such as Ctrl+Shift+KeyZ'));

/** What a key event says, as far as chords go. */
export interface KeyDown {
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const modifiers = /^(?:Control|Alt|Shift|Meta|OS|CapsLock|NumLock|ScrollLock|Fn)/;

/** The chord of a key press; undefined while only modifiers are down. The digits of the number pad are digits. */
export function chordOf({ code, ctrlKey, metaKey, altKey, shiftKey }: KeyDown): string | undefined {
  if (code === '' || modifiers.test(code)) return undefined;
  const key = code.replace(/^Numpad(?=\d$)/, 'Digit').replace(/^NumpadEnter$/, 'Enter');
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${altKey ? 'Alt+' : ''}${shiftKey ? 'Shift+' : ''}${key}`;
}

/** A key press of the chord, as a page hears it from the one key or the other. */
export function keyDownOf(chord: string): KeyDown & { readonly key: string; readonly bubbles: true; readonly cancelable: true } {
  const held = chord.split('+');
  const code = held.pop()!;
  const key = code.startsWith('Key') || code.startsWith('Digit') ? code.slice(-1).toLowerCase() : code === 'Space' ? ' ' : code;
  const [ctrlKey, altKey, shiftKey] = [held.includes('Ctrl'), held.includes('Alt'), held.includes('Shift')];
  return { code, key, ctrlKey, altKey, shiftKey, metaKey: false, bubbles: true, cancelable: true };
}

const named: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Delete: 'Del',
  Escape: 'Esc',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Backslash: '\\',
  Semicolon: ';',
  Quote: "'",
  Backquote: '`',
  Minus: '-',
  Equal: '=',
  BracketLeft: '[',
  BracketRight: ']',
  PageUp: 'Page up',
  PageDown: 'Page down',
};

/** As people write it: "Ctrl+Shift+Z", "Alt+↑". */
export function keysText(chord: string): string {
  return parts(chord, (key) => named[key] ?? key.replace(/^(?:Key|Digit)(?=.$)/, '')).join('+');
}

const electronNames: Readonly<Record<string, string>> = {
  ...named,
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Delete: 'Delete',
  Escape: 'Escape',
  PageUp: 'PageUp',
  PageDown: 'PageDown',
};

/** As Electron writes accelerators: "CmdOrCtrl+Shift+Z". Undefined for a key that it has no name for. */
export function acceleratorOf(chord: string): string | undefined {
  const found = parts(chord, (key) => electronNames[key] ?? key.replace(/^(?:Key|Digit)(?=.$)/, ''));
  const key = found[found.length - 1]!;
  if (!/^(?:[A-Z0-9]|F\d{1,2}|[,./\\;'`\-=[\]]|Up|Down|Left|Right|Delete|Escape|PageUp|PageDown|Space|Enter|Home|End|Insert)$/.test(key))
    return undefined;
  return found.map((part) => (part === 'Ctrl' ? 'CmdOrCtrl' : part)).join('+');
}

function parts(chord: string, name: (key: string) => string): string[] {
  const all = chord.split('+');
  return [...all.slice(0, -1), name(all[all.length - 1]!)];
}

/** True for keys that a text field needs itself: letters without Ctrl or Alt, what edits text, and the word before and after of a Mac. */
export function belongsToText(chord: string): boolean {
  if (/^Ctrl\+(?:Shift\+)?(?:Key[ZYXCVA]|Arrow\w+|Home|End|Backspace|Delete)$/.test(chord)) return true;
  if (/^Alt\+(?:Shift\+)?Arrow(?:Left|Right)$/.test(chord)) return true;
  return !/^(?:Ctrl|Alt)\+/.test(chord) && !/^(?:Shift\+)?(?:F\d{1,2}|Escape)$/.test(chord);
}
