/** The fields of a run that queries, columns, orders and exports name, besides metrics, settings and a person's own columns. */
import { functions, isMeasured, type Condition, type Expression } from './runs-expression.ts';
import { unreadable, type Language } from './runs-tokens.ts';

export type Unit = 's' | 'B' | 'ms';

export interface FieldKind {
  readonly type: 'text' | 'number' | 'time' | 'any';
  readonly unit?: Unit;
  readonly label: string;
  readonly says: string;
}

/** Columns of a run. */
export const runFields: Readonly<Record<string, FieldKind>> = {
  configuration: { type: 'text', label: 'Configuration', says: 'Hash of all its settings but seed and device' },
  id: { type: 'text', label: 'Id', says: 'Id of the run' },
  state: { type: 'text', label: 'State', says: 'Where the run stands' },
  dataset: { type: 'text', label: 'Dataset', says: 'Dataset it was trained on' },
  model: { type: 'text', label: 'Model', says: 'Model that was trained' },
  experiment: { type: 'text', label: 'Experiment', says: 'Experiment it was started in' },
  tag: { type: 'text', label: 'Tags', says: 'Tags you gave it' },
  note: { type: 'text', label: 'Note', says: 'Your note' },
  device: { type: 'text', label: 'Device', says: 'What computed it' },
  seed: { type: 'number', label: 'Seed', says: 'Seed of its random streams' },
  epochs: { type: 'number', label: 'Epochs run', says: 'Epochs it has trained' },
  bestEpoch: { type: 'number', label: 'Best', says: 'Epoch with the best validation value' },
  elapsedSeconds: { type: 'number', unit: 's', label: 'Time', says: 'Work time of all attempts' },
  secondsPerEpoch: { type: 'number', unit: 's', label: 'Time per epoch', says: 'Median training time of an epoch' },
  evaluationSeconds: { type: 'number', unit: 's', label: 'Evaluation time', says: 'Median evaluation time of an epoch' },
  peakMemoryBytes: { type: 'number', unit: 'B', label: 'Peak memory', says: 'Most memory its process held' },
  parameters: { type: 'number', label: 'Parameters', says: 'Trained numbers of the model' },
  starred: { type: 'number', label: 'Starred', says: '1 where you starred it' },
  fileBytes: { type: 'number', unit: 'B', label: 'Files', says: 'Size of the files it left' },
  createdAt: { type: 'time', unit: 'ms', label: 'Created', says: 'When it was queued' },
  startedAt: { type: 'time', unit: 'ms', label: 'Started', says: 'When it was started' },
  endedAt: { type: 'time', unit: 'ms', label: 'Ended', says: 'When it ended' },
};

/** Numbers of what a run came to beside its metrics; what it was set to do is the same in all seeds, or several values. */
export const measuredFields: ReadonlySet<string> = new Set([
  'bestEpoch',
  'epochs',
  'elapsedSeconds',
  'secondsPerEpoch',
  'evaluationSeconds',
  'peakMemoryBytes',
]);

/** Names that mean the same. */
export const fieldName = (name: string): string => (name === 'status' ? 'state' : name === 'tags' ? 'tag' : name);

/** A person's own column: `my.verdict`. */
export const ownField = /^my\.[A-Za-z_][\w-]*$/;

/** What a field holds; settings may hold numbers or texts. */
export function kindOf(name: string): FieldKind['type'] {
  if (isMeasured(name)) return 'number';
  return runFields[fieldName(name)]?.type ?? 'any';
}

/** A column's formula starts with an equals sign, as in a spreadsheet; what follows is the text to parse. */
export const formulaText = (column: string): string | undefined => (column.startsWith('=') ? column.slice(1).trim() : undefined);

/** Seconds, bytes and times of a product, by power; undefined fits everything (a plain number, a setting). */
type Powers = Readonly<Record<'s' | 'B' | 'ms', number>>;
type Units = Powers | undefined;

const none: Powers = { s: 0, B: 0, ms: 0 };
const said = (units: Units) =>
  Object.entries(units ?? {})
    .filter(([, power]) => power !== 0)
    .map(([unit, power]) => ({ s: 'seconds', B: 'bytes', ms: 'a time' })[unit]! + (power === 1 ? '' : ` to the power of ${power}`))
    .join(' times ') || 'a plain number';
const isSame = (a: Units, b: Units) => a === undefined || b === undefined || (a.s === b.s && a.B === b.B && a.ms === b.ms);

/**
 * Units of a formula. Seconds are not added to bytes, texts not calculated with, and times only subtracted from each other.
 * @throws ProblemError with the place
 */
export function checkUnits(expression: Expression, text: string, language: Language): Units {
  const refuse = (at: number, message: string, fix: string) => unreadable({ text, language, at, message, fix });
  const walk = (part: Expression): Units => {
    switch (part.kind) {
      case 'number':
        return undefined;
      case 'text':
        throw refuse(part.at, `"${part.value}" is a text, and a number belongs here`, 'Calculate with numbers and fields that hold them');
      case 'field': {
        const kind = runFields[fieldName(part.name)];
        if (kind?.type === 'text')
          throw refuse(part.at, `${part.name} is a text, and a number belongs here`, 'Compare it with = or ~ instead');
        if (kind?.unit !== undefined) return { ...none, [kind.unit]: 1 };
        return isMeasured(part.name) ? none : undefined;
      }
      case 'negated':
        return walk(part.of);
      case 'call': {
        const units = part.of.map(walk);
        if (part.name === 'min' || part.name === 'max') {
          if (units.some((unit) => !isSame(unit, units[0])))
            throw refuse(part.at, `${part.name} compares different units`, 'Give it values of one unit');
          return units.find((unit) => unit !== undefined);
        }
        return part.name === 'abs' || part.name === 'round' ? units[0] : undefined;
      }
      case 'binary': {
        const [left, right] = [walk(part.left), walk(part.right)];
        if (part.sign === '^') return undefined;
        if (part.sign === '*' || part.sign === '/') {
          const way = part.sign === '*' ? 1 : -1;
          const [a, b] = [left ?? none, right ?? none];
          return { s: a.s + way * b.s, B: a.B + way * b.B, ms: a.ms + way * b.ms };
        }
        if (!isSame(left, right))
          throw refuse(
            part.at,
            `${said(left)} ${part.sign} ${said(right)} has no meaning`,
            'Add and subtract values of one unit; divide to relate them',
          );
        return left ?? right;
      }
    }
  };
  return walk(expression);
}

/** Units of every formula that a condition compares. @throws ProblemError with the place */
export function checkConditionUnits(condition: Condition, text: string): void {
  switch (condition.kind) {
    case 'all':
    case 'any':
      for (const part of condition.of) checkConditionUnits(part, text);
      return;
    case 'not':
      return checkConditionUnits(condition.of, text);
    case 'missing':
      if (condition.of.kind !== 'field') checkUnits(condition.of, text, 'filter');
      return;
    case 'compare': {
      const { left, right, operator } = condition;
      if (left.kind !== 'field') checkUnits(left, text, 'filter');
      if (right.kind !== 'text' && right.kind !== 'number') checkUnits(right, text, 'filter');
      if (left.kind !== 'field' && right.kind === 'text')
        throw unreadable({
          text,
          language: 'filter',
          at: right.at,
          message: `A number is compared with "${right.value}"`,
          fix: 'Write a number such as 0.1',
        });
      const order = ['<', '<=', '>', '>='].includes(operator);
      if (left.kind !== 'field') return;
      const kind = kindOf(left.name);
      const isDate = kind === 'time' && right.kind === 'text' && dateOf(right.value) !== undefined;
      if (kind !== 'text' && kind !== 'any' && right.kind === 'text' && !isDate && !operator.endsWith('~'))
        throw unreadable({
          text,
          language: 'filter',
          at: right.at,
          message: `${left.name} is a ${kind === 'time' ? 'time' : 'number'}, and "${right.value}" is not`,
          fix: kind === 'time' ? 'Write a day such as 2026-11-21' : 'Write a number such as 0.1',
        });
      if (kind === 'text' && order)
        throw unreadable({
          text,
          language: 'filter',
          at: left.at,
          message: `${left.name} is a text and has no order`,
          fix: 'Use =, !=, ~ or in',
        });
      return;
    }
    default:
      return;
  }
}

/** UTC milliseconds of a day or a moment written as 2026-11-21 or 2026-11-21T10:30; undefined for anything else. */
export function dateOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z?)?$/.test(text)) return undefined;
  const at = Date.parse(text.includes('T') && !text.endsWith('Z') ? `${text}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}

/** What the functions do, for the list beside a formula. */
export const functionWords = Object.entries(functions).map(([name, { says }]) => ({ name, says }));
