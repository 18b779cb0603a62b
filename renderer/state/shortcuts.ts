/** Which command a key press means. By physical key, silent while an input method composes or a text field needs the keys. Pure. */
import { screens, type Screen } from './route.ts';

export type ShellAction =
  | { readonly type: 'screen'; readonly screen: Screen }
  | { readonly type: 'palette' | 'shortcuts' | 'import' | 'rail' | 'undo' | 'redo' | 'next-region' | 'previous-region' };

export interface KeyPress {
  readonly code: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly composing: boolean;
  /** The press lands in a text field, whose own Ctrl+Z must work. */
  readonly inText: boolean;
}

export function keyPress(event: KeyboardEvent): KeyPress {
  const target = event.target as HTMLElement | null;
  const inText =
    target !== null &&
    (target.isContentEditable ||
      target.tagName === 'TEXTAREA' ||
      (target.tagName === 'INPUT' && !['checkbox', 'radio'].includes((target as HTMLInputElement).type)));
  return {
    code: event.code,
    ctrl: event.ctrlKey || event.metaKey,
    shift: event.shiftKey,
    alt: event.altKey,
    composing: event.isComposing,
    inText,
  };
}

/** "T" shows a chart as a table and back, but in a field it is a letter. */
export function isTableKey({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  const isPlain = key.toLowerCase() === 't' && !ctrlKey && !metaKey && !altKey;
  return isPlain && !/^(?:INPUT|TEXTAREA)$/.test((target as HTMLElement).tagName);
}

/** Ctrl+1…8 and Ctrl+N belong to the browser's tabs in browser mode; Alt does the same everywhere. */
export function shellAction(press: KeyPress): ShellAction | undefined {
  if (press.composing) return undefined;
  if (press.code === 'F6') return { type: press.shift ? 'previous-region' : 'next-region' };
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(press.code)?.[1];
  if (digit !== undefined && press.ctrl !== press.alt && !press.shift) {
    const screen = screens[Number(digit) - 1];
    return screen === undefined ? undefined : { type: 'screen', screen };
  }
  if (press.code === 'KeyN' && press.ctrl !== press.alt && !press.shift) return { type: 'screen', screen: 'new' };
  if (press.code === 'KeyZ' && press.ctrl && press.shift && !press.alt) return press.inText ? undefined : { type: 'redo' };
  if (!press.ctrl || press.alt || press.shift) return undefined;
  switch (press.code) {
    case 'KeyK':
      return { type: 'palette' };
    case 'Slash':
      return { type: 'shortcuts' };
    case 'KeyO':
      return { type: 'import' };
    case 'KeyB':
      return { type: 'rail' };
    case 'Comma':
      return { type: 'screen', screen: 'settings' };
    case 'KeyE':
      return { type: 'screen', screen: 'export' };
    case 'KeyZ':
      return press.inText ? undefined : { type: 'undo' };
    default:
      return undefined;
  }
}

/** The region after (or before) the one that holds the focus, in the order of the page. */
export function nextRegion(regions: readonly HTMLElement[], active: Element | null, step: 1 | -1): HTMLElement | undefined {
  const at = regions.findIndex((region) => region.contains(active));
  return regions[(at + step + regions.length) % regions.length];
}

/** Keys as this shell takes them: what the browser keeps for its tabs is reached with Alt. */
export function keysIn(shell: 'desktop' | 'browser', keys: string): string {
  return shell === 'browser' ? keys.replace(/^Ctrl\+([1-8N])$/, 'Alt+$1') : keys;
}

/** Every shortcut with what it does, for the list behind Ctrl+/. The browser keeps Ctrl with digits and Ctrl+N for its own tabs. */
export function shortcutList(shell: 'desktop' | 'browser'): readonly { readonly what: string; readonly keys: readonly string[] }[] {
  const own = (rest: string) => (shell === 'desktop' ? [`Ctrl ${rest}`, `Alt ${rest}`] : [`Alt ${rest}`]);
  return [
    { what: 'Search or run a command', keys: ['Ctrl K'] },
    { what: 'This list', keys: ['Ctrl /'] },
    ...['Datasets', 'New experiment', 'Queue', 'Runs', 'Compare', 'Recommendations', 'Export', 'Settings'].map((name, index) => ({
      what: name,
      keys: own(String(index + 1)),
    })),
    { what: 'Start a new experiment', keys: own('N') },
    { what: 'Import dataset', keys: ['Ctrl O'] },
    { what: 'Export the table', keys: ['Ctrl E'] },
    { what: 'Open settings', keys: ['Ctrl ,'] },
    { what: 'Collapse or expand the rail', keys: ['Ctrl B'] },
    { what: 'Undo', keys: ['Ctrl Z'] },
    { what: 'Redo', keys: ['Ctrl Shift Z'] },
    { what: 'Save the view of the runs table', keys: ['Ctrl S'] },
    { what: 'Filter runs', keys: ['Ctrl F'] },
    { what: 'In the runs table: select, open, show seeds, move to the trash', keys: ['Space', 'Enter', '→', 'Del'] },
    { what: 'Next and previous region', keys: ['F6', 'Shift F6'] },
    { what: 'Chart as table', keys: ['T'] },
    { what: 'Copy a number with full precision', keys: ['Ctrl C'] },
    { what: 'Recommendations: next and previous user', keys: ['↓', '↑'] },
    { what: 'Recommendations: find a user or an item', keys: ['/', 'Ctrl F'] },
    { what: 'Recommendations, names hidden: prefer list 1, list 2, neither', keys: ['1', '2', '0'] },
    { what: 'Close', keys: ['Esc'] },
  ];
}
