import { resolve } from 'node:path';
import process from 'node:process';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { externalId, type External } from '#contract/external.ts';
import { oneOf, required, text, UsageError, whole, type Command, type Values } from '../command.ts';
import { checkedRequest, parameters } from '../experiment-options.ts';
import { outcome } from '../run-report.ts';
import { train } from '../train.ts';

export const importRun: Command = {
  name: 'import-run',
  summary: 'scores vectors or ranked lists of a model of yours as a run beside the others: same split, masking and metrics',
  usage: '--dataset D --model NAME (--users U.npy --items I.npy | --lists FILE) [--seed N] [--set key=value]…',
  positionals: { least: 0, most: 0 },
  options: {
    dataset: { type: 'string', value: 'D', help: 'id or name of a dataset' },
    model: { type: 'string', value: 'NAME', help: 'what tables call the model; the same name is the same model' },
    users: { type: 'string', value: 'U.npy', help: 'float32 or float64 [users, width]; row r is the user with the inner id r' },
    items: { type: 'string', value: 'I.npy', help: 'the same of the items; scores are inner products' },
    lists: {
      type: 'string',
      value: 'FILE',
      help: 'CSV or TSV of user, item, score; larger is better, at least 50 items a user beside those of train',
    },
    ids: { type: 'string', value: 'inner|original', help: 'ids in the lists: inner, from 0 (default), or those of the imported files' },
    seed: { type: 'string', value: 'N', help: 'the seed it was trained with (default 999); runs that differ in it alone are replicates' },
    set: {
      type: 'string',
      multiple: true,
      value: 'key=value',
      help: 'a parameter it was trained with, for the record and for comparisons',
    },
    device: { type: 'string', value: 'D', help: 'what ranks: wasm (default), cpu, tensorflow or webgpu' },
    name: { type: 'string', value: 'NAME', help: 'name of the experiment' },
  },
  async run(context) {
    const request = importRequest(context.values);
    const link = await context.link({ resume: true });
    const { runs, known } = await train(context, link, request);
    if (known > 0) context.note(`These files were imported before, as ${runs.map(({ id }) => id).join(', ')}`);
    return outcome(context, runs);
  },
};

/** The experiment of one imported run. @throws UsageError */
export function importRequest(values: Values): ExperimentRequest {
  const title = required(values, 'model');
  const [users, items, lists] = [text(values, 'users'), text(values, 'items'), text(values, 'lists')];
  if ((lists === undefined) === (users === undefined && items === undefined))
    throw new UsageError('give the vectors (--users and --items), or the lists (--lists)');
  if (lists === undefined && (users === undefined || items === undefined)) throw new UsageError('vectors need both --users and --items');
  const ids = oneOf(values, 'ids', ['inner', 'original']);
  if (ids !== undefined && lists === undefined) throw new UsageError('--ids is about lists: row r of vectors is the inner id r');
  const external: External = {
    kind: 'import',
    title,
    form: lists === undefined ? 'vectors' : 'lists',
    ids: ids ?? 'inner',
    files:
      lists === undefined
        ? [
            { role: 'users', path: fromHere(users!) },
            { role: 'items', path: fromHere(items!) },
          ]
        : [{ role: 'lists', path: fromHere(lists) }],
  };
  const device = oneOf(values, 'device', ['wasm', 'cpu', 'tensorflow', 'webgpu']);
  return checkedRequest({
    name: text(values, 'name') ?? '',
    datasets: [required(values, 'dataset')],
    models: [{ model: externalId(title), external, values: parameters(values) }],
    seeds: [whole(values, 'seed', 0) ?? 999],
    ...(device === undefined ? {} : { device }),
  });
}

/** A path as typed, from the folder the person is in: npm runs scripts in the project's own. */
export function fromHere(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
