/**
 * Files written by the tools themselves. `npm test` makes an environment with tensorboardX and MLflow (AVOCET_LOG_TOOLS, its folder); RecBole needs
 * PyTorch and much else, so it is run where AVOCET_RECBOLE names a Python that has it.
 */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, place, problemsIn, runsIn, seriesOf, valuesOf } from './reading.ts';

afterAll(cleanUp);
const patience = 600_000;
const tools = process.env['AVOCET_LOG_TOOLS'];
const recbole = process.env['AVOCET_RECBOLE'];
const why = (variable: string) => ` (skipped: ${variable} is not set)`;

function python(program: string, script: string, ...args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(`../../fixtures/logs/${script}.py`, import.meta.url));
  return promisify(execFile)(program, [path, ...args], {
    env: {
      ...process.env,
      PYTHONWARNINGS: 'ignore',
      MLFLOW_ALLOW_FILE_STORE: 'true',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      OMP_NUM_THREADS: '1',
    },
    // Nothing that a tool leaves beside what it is told to write lies in the repository.
    cwd: tmpdir(),
    maxBuffer: 64 * 1024 * 1024,
  });
}
const ofTools = () => join(tools!, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

describe('files of the tools themselves', () => {
  it.skipIf(tools === undefined)(
    `TensorBoard’s are read${tools === undefined ? why('AVOCET_LOG_TOOLS') : ''}`,
    async () => {
      const root = place({});
      await python(ofTools(), 'write_tensorboard', root);
      const runs = await runsIn(root);
      const run = runs.find(({ origin }) => origin.name === 'fusion/lightgcn')!;
      expect(run).toMatchObject({
        steps: 20,
        bestStep: 12,
        state: 'finished',
        origin: { remarks: [expect.stringContaining('no scalars')] },
      });
      const steps = Array.from({ length: 20 }, (_, at) => at + 1);
      const { loss, 'recall@20': recall, 'test/ndcg@20': ndcg } = seriesOf(run);
      expect(loss).toEqual([steps, steps.map((step) => Math.fround(1 / step))]);
      expect(recall).toEqual([steps, steps.map((step) => Math.fround(Math.min(step, 12) / 64 - step / 1024))]);
      expect(ndcg).toEqual([steps, steps.map((step) => step / 128)]);
      const settings = runs.find(({ origin }) => origin.name.startsWith('fusion/lightgcn/'));
      expect(settings).toMatchObject({ settings: { lr: 0.001, layers: 3, seed: 7, name: 'x', flag: true }, seed: 7 });
    },
    patience,
  );

  it.skipIf(tools === undefined)(
    `MLflow’s are read, from both its stores${tools === undefined ? why('AVOCET_LOG_TOOLS') : ''}`,
    async () => {
      for (const [address, root] of [
        ['file://', place({})],
        ['sqlite:///', place({})],
      ] as const) {
        await python(ofTools(), 'write_mlflow', `${address}${join(root, address === 'file://' ? 'mlruns' : 'mlflow.db')}`);
        const runs = await runsIn(root);
        expect(runs.map(({ origin }) => origin.name).sort()).toEqual(['fusion/broken', 'fusion/lightgcn-a']);
        const run = runs.find(({ model }) => model === 'LightGCN')!;
        expect(run).toMatchObject({ dataset: 'baby', seed: 42, bestStep: 7, tags: ['team: ada'], settings: { n_layers: 3, lr: 0.001 } });
        expect(valuesOf(run)).toEqual({ 'validation recall@20': 7 / 64, 'test ndcg@20': 0.125 });
        expect(seriesOf(run)['loss']![0]).toHaveLength(10);
        expect(runs.find(({ state }) => state === 'failed')?.origin.remarks).toEqual(['MLflow says of its end: FAILED']);
        expect((await problemsIn(root)).map(({ code }) => code)).toEqual(['logs.deleted']);
      }
    },
    patience,
  );

  it.skipIf(recbole === undefined)(
    `RecBole’s log is read${recbole === undefined ? why('AVOCET_RECBOLE') : ''}`,
    async () => {
      const root = place({});
      await python(recbole!, 'run_recbole', join(root, 'work'));
      const run = (await runsIn(root)).find(({ origin }) => origin.tool === 'recbole')!;
      expect(run).toMatchObject({
        model: 'BPR',
        dataset: 'ml-100k',
        seed: 7,
        state: 'finished',
        steps: 3,
        settings: { train_batch_size: 8192 },
      });
      const { 'recall@20': recall, loss } = seriesOf(run);
      expect([recall![0], loss![0]]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
      const values = valuesOf(run);
      expect(values['validation recall@20']).toBe(recall![1][recall![0].indexOf(run.bestStep!)]);
      expect(values['test ndcg@20']).toBeGreaterThan(0);
      expect(values['log test/hit@5']).toBeGreaterThan(0);
    },
    patience,
  );
});
