/** Which command a key press means. By physical key, silent while an input method composes or a text field needs the keys. Pure. */
import { belongsToText, chordOf, type KeyDown } from '#contract/keys.ts';
import { shortcutIds, shortcuts, type ShortcutId, type ShortcutScope } from '#contract/shortcuts.ts';
import type { Route } from './route.ts';

/** What of a key event decides; `target` tells whether text is being written. */
export interface KeyPress extends KeyDown {
  readonly isComposing: boolean;
  readonly target: EventTarget | null;
}

function isText(target: EventTarget | null): boolean {
  const element = target as Partial<HTMLInputElement> | null;
  if (element === null) return false;
  if (element.isContentEditable === true || element.tagName === 'TEXTAREA') return true;
  return element.tagName === 'INPUT' && !['checkbox', 'radio', 'button', 'range'].includes(element.type ?? 'text');
}

/** The chord pressed, or undefined where the keys are not for commands. */
export function pressedChord(event: KeyPress): string | undefined {
  if (event.isComposing) return undefined;
  const chord = chordOf(event);
  return chord !== undefined && isText(event.target) && belongsToText(chord) ? undefined : chord;
}

/** Where the keys of a place mean something; those that vote do so while names are hidden. */
const heardOn: Readonly<Record<Exclude<ShortcutScope, 'everywhere'>, (route: Route) => boolean>> = {
  runs: ({ screen, id }) => screen === 'runs' && id === undefined,
  lists: ({ screen, id }) => screen === 'queue' || (screen === 'runs' && id === undefined),
  charts: ({ screen, id }) => screen === 'queue' || (id !== undefined && ['datasets', 'runs', 'compare'].includes(screen)),
  recommendations: ({ screen }) => screen === 'recommendations',
};

/** Commands that keys start where the focus is on this page, for the native menu. */
export function keysOf(route: Route): readonly ShortcutId[] {
  return shortcutIds.filter((id) => {
    const { scope } = shortcuts[id];
    return scope !== 'everywhere' && heardOn[scope](route);
  });
}

/** What F6 walks: the parts of the frame, of a page that has parts those, and while a dialog is open its alone. */
export function regionsIn(root: ParentNode): readonly HTMLElement[] {
  const all = [...root.querySelectorAll<HTMLElement>('[data-region]')].filter((region) => region.closest('[inert]') === null);
  return all.filter((region) => !all.some((other) => other !== region && region.contains(other)));
}

/** The region after (or before) the one that holds the focus, in the order of the page. */
export function nextRegion(regions: readonly HTMLElement[], active: Element | null, step: 1 | -1): HTMLElement | undefined {
  const at = regions.findIndex((region) => region.contains(active));
  // Between two regions, or around some of them: the one that follows comes next.
  const after = regions.findIndex((region) => ((active?.compareDocumentPosition(region) ?? 0) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
  if (at < 0 && after >= 0) return regions[(after + (step > 0 ? 0 : -1) + regions.length) % regions.length];
  return regions[(at + step + regions.length) % regions.length];
}

/** Keys of controls, which stay as they are, for the end of the list. */
export const fixedKeys: readonly { readonly what: string; readonly keys: readonly string[] }[] = [
  { what: 'Close what is open, leave a field', keys: ['Esc'] },
  { what: 'Next and previous control', keys: ['Tab', 'Shift+Tab'] },
  { what: 'Walk a table, a matrix, a list', keys: ['↑', '↓', '←', '→'] },
  { what: 'Select all rows of the runs table', keys: ['Ctrl+A'] },
  { what: 'Menu of the row, number, chart or picture that has the focus', keys: ['Shift+F10', 'Menu'] },
  { what: 'Copy a number with full precision', keys: ['Ctrl+C'] },
];
