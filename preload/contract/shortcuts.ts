/** Every command that keys start, with its usual keys; who changed which; and what stands in each other's way. Pure. */
import * as v from 'valibot';
import { chordSchema, keysText } from './keys.ts';

export type Shell = 'desktop' | 'browser';
/** Where a command listens. Commands of two different places never meet; `everywhere` meets all. */
export type ShortcutScope = 'everywhere' | 'runs' | 'lists' | 'charts' | 'recommendations';

interface Entry {
  readonly what: string;
  readonly scope: ShortcutScope;
  readonly keys: readonly string[];
}

const screen = (what: string, digit: number, ...more: readonly string[]): Entry => ({
  what,
  scope: 'everywhere',
  keys: [...more, `Ctrl+Digit${digit}`, `Alt+Digit${digit}`],
});
const everywhere = (what: string, ...keys: readonly string[]): Entry => ({ what, scope: 'everywhere', keys });

/** In the order of the list behind Ctrl+/. */
export const shortcuts = {
  palette: everywhere('Search or run a command', 'Ctrl+KeyK'),
  shortcuts: everywhere('List of shortcuts', 'Ctrl+Slash'),
  help: everywhere('Help for this screen', 'F1'),
  explain: everywhere('Explain what stands here', 'Shift+F1'),
  back: everywhere('Back', 'Alt+ArrowLeft'),
  forward: everywhere('Forward', 'Alt+ArrowRight'),
  'go.datasets': screen('Go to Datasets', 1),
  'go.new': screen('Go to New experiment', 2),
  'go.queue': screen('Go to Queue', 3),
  'go.runs': screen('Go to Runs', 4),
  'go.compare': screen('Go to Compare', 5),
  'go.recommendations': screen('Go to Recommendations', 6),
  'go.export': screen('Go to Export', 7),
  'go.settings': screen('Go to Settings', 8, 'Ctrl+Comma'),
  'experiment.new': everywhere('New experiment', 'Ctrl+KeyN', 'Alt+KeyN'),
  'dataset.import': everywhere('Import dataset', 'Ctrl+KeyO'),
  find: everywhere('Filter or find on this screen', 'Ctrl+KeyF'),
  save: everywhere('Save the view of the runs table', 'Ctrl+KeyS'),
  export: everywhere('Export the table', 'Ctrl+KeyE'),
  rename: everywhere('Rename what is shown', 'F2'),
  undo: everywhere('Undo', 'Ctrl+KeyZ'),
  redo: everywhere('Redo', 'Ctrl+Shift+KeyZ'),
  rail: everywhere('Collapse or expand the rail', 'Ctrl+KeyB'),
  theme: everywhere('Light or dark', 'Ctrl+Shift+KeyL'),
  'region.next': everywhere('Next region of the window', 'F6'),
  'region.previous': everywhere('Previous region of the window', 'Shift+F6'),
  'row.select': { what: 'Select the row', scope: 'runs', keys: ['Space'] },
  'row.open': { what: 'Open the row', scope: 'runs', keys: ['Enter'] },
  'row.drawer': { what: 'Show the row beside the table', scope: 'runs', keys: ['Shift+Space'] },
  'row.trash': { what: 'Move to the trash', scope: 'runs', keys: ['Delete'] },
  'item.up': { what: 'Move up in a list', scope: 'lists', keys: ['Alt+ArrowUp'] },
  'item.down': { what: 'Move down in a list', scope: 'lists', keys: ['Alt+ArrowDown'] },
  'chart.table': { what: 'Show a chart as its table', scope: 'charts', keys: ['KeyT'] },
  'user.find': { what: 'Find a user or an item', scope: 'recommendations', keys: ['Slash'] },
  'vote.left': { what: 'Names hidden: prefer list 1', scope: 'recommendations', keys: ['Digit1'] },
  'vote.right': { what: 'Names hidden: prefer list 2', scope: 'recommendations', keys: ['Digit2'] },
  'vote.tie': { what: 'Names hidden: prefer neither', scope: 'recommendations', keys: ['Digit0'] },
} as const satisfies Readonly<Record<string, Entry>>;

export type ShortcutId = keyof typeof shortcuts;
export const shortcutIds = Object.keys(shortcuts) as ShortcutId[];

/** Keys changed by a person, by command; none at all for a command that keys shall not start. Other ids are of another version and stay. */
export const changedShortcutsSchema = v.record(v.string(), v.pipe(v.array(chordSchema), v.maxLength(4)));
export type ChangedShortcuts = Readonly<Record<string, readonly string[]>>;
export type Bindings = Readonly<Record<ShortcutId, readonly string[]>>;

/** A browser keeps these for its tabs and windows: the page never sees them. */
const ofBrowser = /^Ctrl\+(?:Shift\+)?(?:Digit\d|KeyN|KeyT|KeyW|Tab|F4)$/;
/** Every control works with these: moving the focus, closing, copying. */
const ofControls = /^(?:(?:Shift\+)?(?:Tab|Escape)|Ctrl\+Key[ACVX]|Arrow\w+|Alt\+F4)$/;

/** The keys of every command in this shell. */
export function bindingsOf(changed: ChangedShortcuts, shell: Shell): Bindings {
  const found: Partial<Record<ShortcutId, readonly string[]>> = {};
  for (const id of shortcutIds) {
    const keys: readonly string[] = changed[id] ?? shortcuts[id].keys;
    found[id] = shell === 'browser' ? keys.filter((chord) => !ofBrowser.test(chord)) : keys;
  }
  return found as Bindings;
}

/** Why a chord cannot be given to a command, or undefined where it can. */
export function refusalOf(chord: string, shell: Shell): string | undefined {
  if (ofControls.test(chord)) return `${keysText(chord)} works inside every control and stays as it is`;
  if (shell === 'browser' && ofBrowser.test(chord)) return `The browser keeps ${keysText(chord)} for its tabs and windows`;
  return undefined;
}

const meet = (a: ShortcutScope, b: ShortcutScope): boolean => a === b || a === 'everywhere' || b === 'everywhere';

/** The other command that a chord starts already where this one would listen. */
export function conflictOf(bindings: Bindings, id: ShortcutId, chord: string): ShortcutId | undefined {
  return shortcutIds.find((other) => other !== id && meet(shortcuts[other].scope, shortcuts[id].scope) && bindings[other].includes(chord));
}

/** Gives a command these keys alone. */
export function rebound(changed: ChangedShortcuts, id: ShortcutId, keys: readonly string[]): ChangedShortcuts {
  const usual: readonly string[] = shortcuts[id].keys;
  const { [id]: _former, ...rest } = changed;
  const isUsual = keys.length === usual.length && keys.every((chord, at) => chord === usual[at]);
  return isUsual ? rest : { ...rest, [id]: keys };
}

/** Gives a command the chord, and the command that had it the keys this one had. */
export function swapped(changed: ChangedShortcuts, shell: Shell, id: ShortcutId, chord: string): ChangedShortcuts {
  const bindings = bindingsOf(changed, shell);
  const other = conflictOf(bindings, id, chord);
  const mine = rebound(changed, id, [chord]);
  if (other === undefined) return mine;
  const kept = bindings[other].filter((each) => each !== chord);
  const given = bindings[id].filter((each) => each !== chord && !kept.includes(each));
  const next = rebound(mine, other, [...kept, ...given].slice(0, 4));
  // What the other one gets may stand in a third one's way (places differ): it then goes without.
  const clashing = bindingsOf(next, shell)[other].filter((each) => conflictOf(bindingsOf(next, shell), other, each) !== undefined);
  return clashing.length === 0
    ? next
    : rebound(
        next,
        other,
        bindingsOf(next, shell)[other].filter((each) => !clashing.includes(each)),
      );
}

/** The command a chord starts among those that listen everywhere. */
export function commandOf(bindings: Bindings, chord: string): ShortcutId | undefined {
  return shortcutIds.find((id) => shortcuts[id].scope === 'everywhere' && bindings[id].includes(chord));
}
