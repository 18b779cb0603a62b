import * as v from 'valibot';

/**
 * What a model is, as data: from `hyper` alone come defaults, validation, the form, command-line flags, sweep axes, table
 * columns and the help text. Written with {@link modelCard}; crosses the link as JSON.
 */

/** How sure we are that a setting is what the authors did (models.md). */
export const marks = ['published', 'published-second-hand', 'inferred', 'released', 'ours'] as const;

const common = {
  label: v.string(),
  /** Section of the form, e.g. "Item block". */
  group: v.optional(v.string(), 'Model'),
  /** One or two sentences: what it does, what the paper says. */
  help: v.optional(v.string(), ''),
  /** The formula in plain Unicode mathematics, and where it comes from. */
  formula: v.optional(v.string()),
  source: v.optional(v.string()),
  mark: v.optional(v.picklist(marks), 'published'),
  /** What is published and what is our reading, shown behind the hollow diamond. */
  published: v.optional(v.string()),
  reading: v.optional(v.string()),
  /** Suggested values for a sweep, models.md "grid". */
  grid: v.optional(v.array(v.union([v.number(), v.string(), v.boolean()]))),
  /** Rarely changed: folded away at first. */
  advanced: v.optional(v.boolean(), false),
};

export const hyperFieldSchema = v.variant('type', [
  v.object({ type: v.literal('integer'), default: v.number(), min: v.number(), max: v.number(), ...common }),
  v.object({
    type: v.literal('number'),
    default: v.number(),
    min: v.number(),
    max: v.number(),
    exclusiveMin: v.optional(v.boolean(), false),
    ...common,
  }),
  /** As number, but varied and drawn on a logarithmic scale. */
  v.object({
    type: v.literal('log'),
    default: v.number(),
    min: v.number(),
    max: v.number(),
    exclusiveMin: v.optional(v.boolean(), false),
    ...common,
  }),
  v.object({ type: v.literal('choice'), default: v.string(), values: v.array(v.string()), ...common }),
  v.object({ type: v.literal('boolean'), default: v.boolean(), ...common }),
  /** Any words: a parameter of the researcher's own model. */
  v.object({ type: v.literal('text'), default: v.string(), ...common }),
]);

export const hyperValueSchema = v.union([v.number(), v.string(), v.boolean()]);
export const hyperValuesSchema = v.record(v.string(), hyperValueSchema);

export const modelCardSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/)),
  title: v.string(),
  /** One sentence on the idea. */
  summary: v.string(),
  paper: v.object({ title: v.string(), year: v.number(), arxiv: v.optional(v.string()), venue: v.optional(v.string()) }),
  /** False where nothing is trained (ItemKNN): a run evaluates once and is done. */
  trained: v.optional(v.boolean(), true),
  /**
   * What is ranked. top-n: held-out items, from train rows. next-item: the item after a history in order of time; it needs a split that is
   * leave-one-out by time, and at test it reads the validation item too, so its values stand beside no top-n values.
   */
  task: v.optional(v.picklist(['top-n', 'next-item']), 'top-n'),
  /** Modalities it needs: [] none, ['any'] one or more, or names. */
  needs: v.array(v.string()),
  /** True where it cannot do without a knowledge graph. */
  needsKnowledge: v.optional(v.boolean(), false),
  /** Stages before training, e.g. { id: 'pretrain', model: 'mgcn', gives: 'item vectors' }. */
  stages: v.array(
    v.object({
      id: v.string(),
      model: v.string(),
      gives: v.string(),
      /** The stage is asked for where any of these settings has one of the values listed; absent: always. */
      when: v.optional(v.record(v.string(), v.array(hyperValueSchema))),
      /** Not asked for where any of these settings has one of the values listed, whatever `when` says. */
      unless: v.optional(v.record(v.string(), v.array(hyperValueSchema)), {}),
      /** The setting that chooses the stage's model, and the model id for each of its values; absent: always `model`. */
      modelBy: v.optional(v.object({ key: v.string(), models: v.record(v.string(), v.string()) })),
      /**
       * The setting that says how many epochs the stage takes; the run then goes on from its parameters. Absent: it is trained until
       * patience or budget end it, and its best epoch counts.
       */
      epochsBy: v.optional(v.string()),
      /** Settings that decide the stage's result: runs that agree on them (and on data, seed and budget) share it. */
      settings: v.optional(v.array(v.string()), []),
      /** By stage model: its settings that come from settings of this card, e.g. { mgcn: { cl_loss: 'pre_cl_loss' } }; the rest are its defaults. */
      hyperFrom: v.optional(v.record(v.string(), v.record(v.string(), v.string())), {}),
    }),
  ),
  hyper: v.record(v.string(), hyperFieldSchema),
  presets: v.array(
    v.object({
      id: v.string(),
      title: v.optional(v.string()),
      /** Where it was published. */
      from: v.string(),
      values: hyperValuesSchema,
      /** How it was trained there, as far as stated. The budget is the experiment's, equal for all models: where it differs, the plan says so. */
      training: v.optional(
        v.object({ learningRate: v.optional(v.number()), batchSize: v.optional(v.number()), epochs: v.optional(v.number()) }),
      ),
    }),
  ),
  /** Presets that switch one component off. */
  ablations: v.array(v.object({ id: v.string(), title: v.string(), values: hyperValuesSchema })),
  /** True where formulas of the model are our reading of its paper; every screen then shows the diamond. */
  inferred: v.optional(v.boolean(), false),
  /** What is published and what is inferred, for the card page and the export note. */
  provenance: v.optional(v.string(), ''),
  /** A few sentences: what it assumes about the data, and when it fails. */
  assumes: v.optional(v.string(), ''),
  /** Relative cost of one training row next to LightGCN with 3 layers, for a first time estimate before any run exists. */
  cost: v.object({ perEdge: v.number(), perBatchRow: v.number(), typicalEpochs: v.number() }),
  /** Smallest number of epochs before misses count (models.md 1.3: 40 for EGRA). */
  minEpochs: v.optional(v.number(), 0),
  /** Learning-rate factor c in lr · c^(epoch/50). */
  lrDecay: v.optional(v.number(), 1),
  /** Only for models of the person's own, and written by the studio: where the folder lies, and the SHA-256 of its source. */
  own: v.optional(v.object({ folder: v.string(), source: v.string() })),
});

export type HyperField = v.InferOutput<typeof hyperFieldSchema>;
export type HyperValue = v.InferOutput<typeof hyperValueSchema>;
export type HyperValues = v.InferOutput<typeof hyperValuesSchema>;
export type ModelCard = v.InferOutput<typeof modelCardSchema>;

type Options<T extends HyperField['type']> = Omit<v.InferInput<typeof hyperFieldSchema> & { type: T }, 'type'>;

export const integer = (options: Options<'integer'>) => ({ type: 'integer' as const, ...options });
export const number = (options: Options<'number'>) => ({ type: 'number' as const, ...options });
export const logNumber = (options: Options<'log'>) => ({ type: 'log' as const, ...options });
export const choice = (options: Options<'choice'>) => ({ type: 'choice' as const, ...options });
export const boolean = (options: Options<'boolean'>) => ({ type: 'boolean' as const, ...options });

/** Checks a card when the program starts: defaults within range, presets and ablations only name known keys and legal values. */
export function modelCard(input: v.InferInput<typeof modelCardSchema>): ModelCard {
  const card = v.parse(modelCardSchema, input);
  for (const [key, field] of Object.entries(card.hyper)) {
    const fault = hyperFault(field, field.default);
    if (fault !== undefined) throw new Error(`card ${card.id}: default of ${key} ${fault}`);
  }
  for (const preset of [...card.presets, ...card.ablations]) {
    for (const [key, value] of Object.entries(preset.values)) {
      const field = card.hyper[key];
      if (field === undefined) throw new Error(`card ${card.id}: preset ${preset.id} sets ${key}, which is not a setting`);
      const fault = hyperFault(field, value);
      if (fault !== undefined) throw new Error(`card ${card.id}: preset ${preset.id}: ${key} ${fault}`);
    }
  }
  return card;
}

/** Why a value is not legal for a field ("must be between 1 and 8, found 9"), or undefined. Shared by form, command line and workers. */
export function hyperFault(field: HyperField, value: HyperValue): string | undefined {
  switch (field.type) {
    case 'integer':
    case 'number':
    case 'log': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return `must be a number, found ${JSON.stringify(value)}`;
      if (field.type === 'integer' && !Number.isInteger(value)) return `must be a whole number, found ${value}`;
      const belowMin = field.type !== 'integer' && field.exclusiveMin ? value <= field.min : value < field.min;
      if (belowMin || value > field.max) {
        const low = field.type !== 'integer' && field.exclusiveMin ? `above ${field.min}` : `at least ${field.min}`;
        return `must be ${low} and at most ${field.max}, found ${value}`;
      }
      return undefined;
    }
    case 'choice':
      return field.values.includes(value as string)
        ? undefined
        : `must be one of ${field.values.join(', ')}, found ${JSON.stringify(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `must be true or false, found ${JSON.stringify(value)}`;
    case 'text':
      return typeof value === 'string' ? undefined : `must be text, found ${JSON.stringify(value)}`;
  }
}

/** What of a dataset says whether next items can be predicted on it, and whether it has a knowledge graph. */
interface OrderFacts {
  readonly name: string;
  readonly hasTimes: boolean;
  readonly fingerprint: { readonly sequenceHash?: string | undefined };
  readonly knowledge?: object | undefined;
}

/** Why a model that predicts next items, or one over a knowledge graph, cannot run on a dataset ("needs times, Demo has none"), or undefined. */
export function orderFault(card: ModelCard, { name, hasTimes, fingerprint, knowledge }: OrderFacts): string | undefined {
  if (card.needsKnowledge && knowledge === undefined) return `needs a knowledge graph, ${name} has none`;
  if (card.task !== 'next-item' || fingerprint.sequenceHash !== undefined) return undefined;
  const fault = hasTimes ? `${name} is split otherwise` : `${name} has none`;
  return `needs times and the split “leave one out” by time, ${fault}`;
}

/** Defaults, then a preset or ablation by id, then single values. Unknown keys and presets are reported by the caller's parser. */
export function resolveHyper(card: ModelCard, presetId: string | undefined, overrides: HyperValues): HyperValues {
  const values: HyperValues = {};
  for (const [key, field] of Object.entries(card.hyper)) values[key] = field.default;
  const preset = [...card.presets, ...card.ablations].find((candidate) => candidate.id === presetId);
  return { ...values, ...preset?.values, ...overrides };
}

/** A stage that a configuration asks for; `settings` are the values that decide its result. */
export interface AskedStage {
  readonly id: string;
  readonly model: string;
  readonly settings: HyperValues;
  /** What the stage's model is given besides its defaults. */
  readonly given: HyperValues;
  /** Where its length is set: so many epochs. */
  readonly epochs?: number;
}

/** The stages a configuration asks for, in order. */
export function stagesOf(card: ModelCard, hyper: HyperValues): AskedStage[] {
  const holds = (conditions: Readonly<Record<string, readonly HyperValue[]>>) =>
    Object.entries(conditions).some(([key, values]) => values.includes(hyper[key]!));
  return card.stages.flatMap(({ id, model, when, unless, modelBy, epochsBy, settings, hyperFrom }) => {
    if ((when !== undefined && !holds(when)) || holds(unless)) return [];
    const chosen = (modelBy === undefined ? undefined : modelBy.models[String(hyper[modelBy.key])]) ?? model;
    const given = Object.fromEntries(Object.entries(hyperFrom[chosen] ?? {}).map(([key, from]) => [key, hyper[from]!]));
    const length = epochsBy === undefined ? {} : { epochs: hyper[epochsBy] as number };
    return [{ id, model: chosen, settings: Object.fromEntries(settings.map((key) => [key, hyper[key]!])), given, ...length }];
  });
}
