import * as v from 'valibot';
import { experimentRequestSchema, type ExperimentRequest } from '#contract/experiment.ts';
import { parameterName, parameterValue } from '#contract/external.ts';
import { candidateSets, validationUses } from '#contract/evaluation.ts';
import { laneIdSchema, type LaneId } from '#contract/lane.ts';
import { hyperFault, type HyperValue, type HyperValues, type ModelCard } from '#contract/model-card.ts';
import { fieldOf, settingKeys } from '#contract/training-fields.ts';
import { budgetKeys } from '#studio/sweep-text.ts';
import { unknownKey } from '#studio/nearest.ts';
import { oneOf, texts, UsageError, whole, text, type OptionHelp, type Values } from './command.ts';

/** Options that say how runs are trained, shared by run and demo. */
export const trainingOptions = {
  seed: { type: 'string', value: 'N', help: 'one seed' },
  seeds: { type: 'string', value: 'A,B', help: 'several seeds, replicates of each other' },
  epochs: { type: 'string', value: 'N', help: 'at most this many epochs (default 1000)' },
  'min-epochs': { type: 'string', value: 'N', help: 'patience counts only after this many epochs' },
  patience: { type: 'string', value: 'N', help: 'epochs without gain before stopping (default 20)' },
  device: { type: 'string', value: 'D', help: 'wasm, cpu, tensorflow or webgpu' },
  threads: { type: 'string', value: 'N', help: 'threads of the device' },
  pin: { type: 'string', value: 'WHERE', help: 'compute there alone: cpu, gpu0, gpu1 … (default: wherever there is room)' },
  protocol: { type: 'string', value: 'P', help: 'validation (default) or mmrec' },
  candidates: { type: 'string', value: 'C', help: 'what is ranked: all (default) or cold-items, those without a train row' },
  validation: { type: 'string', value: 'V', help: 'whole (default) or nested: half of its users choose the epoch, half the configuration' },
  'item-graph': { type: 'string', value: 'G', help: 'computed (default) or imported' },
} as const satisfies Readonly<Record<string, OptionHelp>>;

/** The seeds asked for; one seed, 999, where nothing is said (MMRec's own). */
export function seeds(values: Values, fallback: readonly number[]): number[] {
  const one = whole(values, 'seed', 0);
  const many = text(values, 'seeds');
  if (one !== undefined && many !== undefined) throw new UsageError('give --seed or --seeds, not both');
  if (one !== undefined) return [one];
  if (many === undefined) return [...fallback];
  return many.split(',').map((part) => {
    const seed = Number(part.trim());
    if (part.trim() === '' || !Number.isInteger(seed) || seed < 0)
      throw new UsageError(`--seeds must be whole numbers with commas between, found "${many}"`);
    return seed;
  });
}

/** The training part of an experiment request. */
export function trainingRequest(
  values: Values,
): Pick<ExperimentRequest, 'budget' | 'protocol' | 'evaluation' | 'itemGraph' | 'device' | 'threads' | 'pin'> {
  const epochs = whole(values, 'epochs', 1);
  const minEpochs = whole(values, 'min-epochs', 0);
  const patience = whole(values, 'patience', 0);
  const device = oneOf(values, 'device', ['wasm', 'cpu', 'tensorflow', 'webgpu']);
  const threads = whole(values, 'threads', 1);
  const pin = laneOption(values);
  const protocol = oneOf(values, 'protocol', ['validation', 'mmrec']);
  const candidates = oneOf(values, 'candidates', candidateSets);
  const validation = oneOf(values, 'validation', validationUses);
  const itemGraph = oneOf(values, 'item-graph', ['computed', 'imported']);
  return {
    budget: {
      ...(epochs === undefined ? {} : { epochs }),
      ...(minEpochs === undefined ? {} : { minEpochs }),
      ...(patience === undefined ? {} : { patience }),
    },
    ...(protocol === undefined ? {} : { protocol }),
    evaluation: { ...(candidates === undefined ? {} : { candidates }), ...(validation === undefined ? {} : { validation }) },
    ...(itemGraph === undefined ? {} : { itemGraph }),
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(pin === undefined ? {} : { pin }),
  };
}

function laneOption(values: Values): LaneId | undefined {
  const said = text(values, 'pin');
  if (said === undefined || v.is(laneIdSchema, said)) return said;
  throw new UsageError(`--pin must be cpu, or gpu with its number (gpu0), found "${said}"`);
}

/** The request as given; a number out of its bounds is wrong use, said with the option's name. */
export function checkedRequest(request: ExperimentRequest): ExperimentRequest {
  const result = v.safeParse(experimentRequestSchema, request);
  if (result.success) return request;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? '';
  const key = Object.entries(budgetKeys).find(([, name]) => path === `budget.${name}`)?.[0] ?? path.replace(/^seeds\.\d+$/, 'seed');
  const wanted = issue.expected === null ? '' : ` must be ${issue.expected},`;
  throw new UsageError(`${key}${wanted} found ${issue.received}`);
}

/**
 * `--set key=value` pairs, split into settings of the model and of its training (lr, batch_size, …), the rest of the budget (mirror, …) and `item_graph`.
 * Types come from the card; an unknown key lists the known ones and the nearest.
 */
export function settings(
  values: Values,
  card: ModelCard,
): { hyper: HyperValues; budget: Record<string, number>; itemGraph?: 'computed' | 'imported' } {
  const hyper: HyperValues = {};
  const budget: Record<string, number> = {};
  let itemGraph: 'computed' | 'imported' | undefined;
  for (const pair of texts(values, 'set')) {
    const [key, value] = keyAndValue(pair);
    const field = fieldOf(card, key);
    if (field !== undefined) {
      const fault = hyperFault(field, (hyper[key] = typed(field.type, key, value)));
      if (fault !== undefined) throw new UsageError(`--set ${key} ${fault} (default ${String(field.default)})`);
    } else if (Object.hasOwn(budgetKeys, key)) budget[budgetKeys[key]!] = typed('number', key, value) as number;
    else if (key === 'item_graph' && (value === 'computed' || value === 'imported')) itemGraph = value;
    else
      throw new UsageError(
        unknownKey(key, [...new Set([...settingKeys(card), ...Object.keys(budgetKeys), 'item_graph'])], `settings of ${card.id}`),
      );
  }
  return { hyper, budget, ...(itemGraph === undefined ? {} : { itemGraph }) };
}

/** `--set` pairs as parameters of a model of one's own, each of the type it looks like. */
export function parameters(values: Values): HyperValues {
  return Object.fromEntries(
    texts(values, 'set').map((pair) => {
      const [key, value] = keyAndValue(pair);
      if (!parameterName.test(key)) throw new UsageError(`--set ${key}: a parameter is a word of letters, digits, _, - and .`);
      return [key, parameterValue(value)];
    }),
  );
}

/** As {@link parameters}; what every model's budget has (lr, batch_size, width …) is the budget's here too. */
export function parametersAndBudget(values: Values): { hyper: HyperValues; budget: Record<string, number> } {
  const all = Object.entries(parameters(values));
  const budget = all
    .filter(([key]) => Object.hasOwn(budgetKeys, key))
    .map(([key, value]) => [budgetKeys[key]!, typed('number', key, String(value))]);
  return {
    hyper: Object.fromEntries(all.filter(([key]) => !Object.hasOwn(budgetKeys, key))),
    budget: Object.fromEntries(budget) as Record<string, number>,
  };
}

function keyAndValue(pair: string): [key: string, value: string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`--set wants key=value, found "${pair}"`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function typed(type: string, key: string, value: string): HyperValue {
  if (type === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    throw new UsageError(`--set ${key} must be true or false, found "${value}"`);
  }
  if (type === 'choice' || type === 'text') return value;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new UsageError(`--set ${key} must be a number, found "${value}"`);
  return number;
}
