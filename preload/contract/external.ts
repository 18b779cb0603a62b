import * as v from 'valibot';
import { modelCard, type HyperField, type HyperValue, type HyperValues, type ModelCard } from './model-card.ts';

/**
 * A model of the researcher's own that Avocet does not compute: a command that is run, or results that were computed elsewhere. It
 * stands in a run's configuration, so that the run says by itself what it was; its parameters are the configuration's `hyper`.
 */

/** Ids in lists: inner, counted from 0 as train.tsv has them; original, as the imported files had them. */
const idKinds = ['inner', 'original'] as const;

/** One result file as it was when the run was made. */
const externalFileSchema = v.object({
  role: v.picklist(['users', 'items', 'lists']),
  /** Absolute. */
  path: v.pipe(v.string(), v.minLength(1)),
  /** Put in by the studio when the run starts; a file that changed since then is refused. */
  sha256: v.optional(v.string()),
});

const titleSchema = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(60));

export const externalSchema = v.variant('kind', [
  v.object({
    kind: v.literal('command'),
    title: titleSchema,
    /** As typed, for the shell of the system. */
    command: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(4000)),
    /** Where it is run. Absolute. */
    folder: v.pipe(v.string(), v.minLength(1)),
  }),
  v.object({
    kind: v.literal('import'),
    title: titleSchema,
    form: v.picklist(['vectors', 'lists']),
    ids: v.optional(v.picklist(idKinds), 'inner'),
    files: v.array(externalFileSchema),
  }),
]);
export type External = v.InferOutput<typeof externalSchema>;

const prefix = 'external-';

/** The id under which runs of a model of one's own are listed and compared: the same title is the same model. */
export function externalId(title: string): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  // A title in another script has no letters to make an id of, and one with some must not meet another's.
  const isWhole = /^[\u0020-\u007e]*$/.test(title) && plain !== '';
  return `${prefix}${isWhole ? plain : `${plain === '' ? '' : `${plain}-`}${textHash(title)}`}`;
}

export const isExternalId = (model: string): boolean => model.startsWith(prefix);

function textHash(text: string): string {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0)!, 16777619) >>> 0;
  return value.toString(36);
}

/** What is known of a model of one's own, as a card: each parameter is a setting of the type of its value. */
export function externalCard(
  external: External,
  values: HyperValues,
  vary: Readonly<Record<string, readonly HyperValue[]>> = {},
): ModelCard {
  const first: HyperValues = {};
  for (const [key, [value]] of Object.entries(vary)) if (value !== undefined) first[key] = value;
  const parameters = { ...first, ...values };
  return modelCard({
    id: externalId(external.title),
    title: external.title,
    summary:
      external.kind === 'command'
        ? 'Your own command; Avocet ranks and scores what it leaves.'
        : 'Your own results, ranked and scored by Avocet.',
    paper: { title: 'your own model', year: 0 },
    needs: [],
    stages: [],
    hyper: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, parameterField(key, value)])),
    presets: [],
    ablations: [],
    cost: { perEdge: 1, perBatchRow: 1, typicalEpochs: 1 },
  });
}

/** The setting that a parameter is: any number, any text, or on and off. */
function parameterField(key: string, value: HyperValue): HyperField {
  const common = {
    label: key,
    group: 'Parameters',
    help: 'A parameter of yours; the command reads it.',
    mark: 'ours',
    advanced: false,
  } as const;
  if (typeof value === 'boolean') return { type: 'boolean', default: value, ...common };
  if (typeof value === 'string') return { type: 'text', default: value, ...common };
  return { type: 'number', default: value, min: -Number.MAX_VALUE, max: Number.MAX_VALUE, exclusiveMin: false, ...common };
}

/** What can name a parameter: a word that files, forms and command lines take as it is. */
export const parameterName = /^[A-Za-z_][\w.-]{0,39}$/;

/** A typed value: true and false, numbers, else text. */
export function parameterValue(text: string): HyperValue {
  const word = text.trim();
  if (word === 'true' || word === 'false') return word === 'true';
  const number = Number(word);
  return word !== '' && Number.isFinite(number) ? number : word;
}

/** The file of a run that holds what its program's repository had changed since the commit. */
export const patchArtifact = 'git-patch';
