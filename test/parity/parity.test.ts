import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { adapters } from './adapters.ts';
import { checkFile } from './check-file.ts';

const folder = fileURLToPath(new URL('../../../shared/parity', import.meta.url));
const runner = fileURLToPath(new URL('parity.ts', import.meta.url));
const present = existsSync(folder);
const why = present ? '' : ' (skipped: no ../shared/parity)';

const implemented = [...Object.keys(adapters), 'graphs', 'evaluator'];
const file = (name: string) => join(folder, `${name}.json`);

describe.skipIf(!present).each(['wasm', 'cpu'] as const)(`reference vectors on %s${why}`, (id) => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice(id);
  });
  afterAll(() => device.close());

  it.each(implemented)('%s', async (name) => {
    const before = device.memory().tensors;
    const { line, passed } = await checkFile(file(name));
    expect(passed, line).toBe(true);
    expect(device.memory().tensors).toBe(before);
    expect(device.fallbacks()).toEqual([]);
  });
});

describe.skipIf(!present)(`the parity command${why}`, () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'avocet-parity-'));
    writeFileSync(join(scratch, 'dataset.json'), readFileSync(file('dataset')));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const run = (...args: string[]) => spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });

  /** The lines of a run over a copy of the vectors in which something was changed. */
  function altered(name: string, change: (vectors: Record<string, never>) => void) {
    const vectors = JSON.parse(readFileSync(file(name), 'utf8')) as Record<string, never>;
    change(vectors);
    const path = join(scratch, `${name}.json`);
    writeFileSync(path, JSON.stringify(vectors));
    return run(path, '--device', 'cpu');
  }

  // In a process of its own: a process opens one device. `npm test` sets the variable where TensorFlow could be installed.
  const hasTensorflow = process.env['AVOCET_TENSORFLOW'] !== undefined;
  it.skipIf(!hasTensorflow)(
    `passes every file on tensorflow${hasTensorflow ? '' : ' (skipped: no tensorflow library, AVOCET_TENSORFLOW is not set)'}`,
    () => {
      // With compiled steps, as by default, and with eager ones.
      for (const compile of ['on', 'off']) {
        const files = [...implemented.map(file), '--device', 'tensorflow'];
        const { stdout, status } = spawnSync(process.execPath, [runner, ...files], {
          encoding: 'utf8',
          env: { ...process.env, AVOCET_COMPILE: compile },
        });
        expect(stdout.split('\n').filter((line) => line.startsWith('PASS'))).toHaveLength(implemented.length);
        expect(status).toBe(0);
      }
    },
  );

  // `npm test` sets the variable where the device answers, with a software driver where there is no other.
  const hasWebgpu = process.env['AVOCET_TEST_WEBGPU'] !== undefined;
  it.skipIf(!hasWebgpu)(`passes every file on webgpu${hasWebgpu ? '' : ' (skipped: no GPU driver, AVOCET_TEST_WEBGPU is not set)'}`, () => {
    const { stdout, status } = run(...implemented.map(file), '--device', 'webgpu');
    expect(stdout.split('\n').filter((line) => line.startsWith('PASS'))).toHaveLength(implemented.length);
    expect(status).toBe(0);
  });

  it('prints one line a file, passes over dataset.json, and fails for a model that is not there', () => {
    const unheard = join(scratch, 'unheard.json');
    writeFileSync(unheard, readFileSync(file('bpr'), 'utf8').replace(/"key": *"bpr"/, '"key": "unheard"'));
    const { stdout, status } = run(file('bpr'), file('dataset'), unheard, '--device=cpu');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^PASS bpr\.json loss=\S+ terms=\S+ .*grad\.user_embedding\.weight=\S+ .*after1=\S+ after3=\S+ scores\.after3=\S+$/,
    );
    expect(lines[1]).toBe('FAIL unheard.json not implemented');
    expect(status).toBe(1);
  });

  it('ends well when all passed, and refuses unknown options and an empty list', () => {
    expect(run(file('evaluator'), '--device', 'cpu').status).toBe(0);
    expect(run('--devise', 'cpu').status).toBe(2);
    expect(run().stderr).toContain('no file given');
    expect(run(file('dataset'), '--device', 'cpu').status).toBe(1);
  });

  interface Altered {
    loss: { values: number[] };
    params: { grad: number[]; after3: number[]; name: string }[];
    scores: { after3: number[] };
    test: { metrics: Record<string, number> };
    graphs: { name: string; values: number[] }[];
  }
  const changes: [string, string, (vectors: Altered) => void][] = [
    ['lightgcn', 'loss', ({ loss }) => (loss.values[2]! += 1e-5)],
    ['lightgcn', 'grad.embedding_dict.item_emb', ({ params }) => (params[0]!.grad[3]! += 1e-5)],
    ['mgcn', 'after3(gate_v.0.bias)', ({ params }) => (params.find(({ name }) => name === 'gate_v.0.bias')!.after3[0]! += 1e-5)],
    ['freedom', 'scores.after3', ({ scores }) => (scores.after3[7]! += 1e-4)],
    ['evaluator', 'test.metrics', ({ test }) => (test.metrics['ndcg@5']! += 1e-9)],
    ['graphs', 'ui_norm_exact', ({ graphs }) => (graphs.find(({ name }) => name === 'ui_norm_exact')!.values[0]! += 1e-4)],
    ['graphs', 'surprise', ({ graphs }) => (graphs[0]!.name = 'surprise')],
    ['bpr', 'extra', ({ params }) => params.push({ ...params[0]!, name: 'extra' })],
  ];

  const broken: [string, string, (vectors: Record<string, unknown>) => void][] = [
    ['bpr', 'loss is missing', (vectors) => delete vectors['loss']],
    ['bpr', 'loss.values is missing', (vectors) => (vectors['loss'] = { terms: [] })],
    ['bpr', 'params is missing', (vectors) => delete vectors['params']],
    ['bpr', 'scores.before must be Array, found null', (vectors) => (vectors['scores'] = { before: null, after3: [] })],
    ['evaluator', 'test is missing', (vectors) => delete vectors['test']],
    ['graphs', 'graphs.0.shape is missing', (vectors) => (vectors['graphs'] = [{ name: 'ui_norm_exact' }])],
    ['graphs', 'it holds no vectors of a model (key), of graphs or of the evaluator (train_mask)', (vectors) => delete vectors['graphs']],
  ];

  it.each(broken)('names what a broken %s lacks: %s', (name, words, change) => {
    const { stdout, status } = altered(name, change as unknown as (vectors: Record<string, never>) => void);
    expect({ stdout, status }).toEqual({ stdout: `FAIL ${name}.json not compared: ${words}\n`, status: 1 });
  });

  it('names a file that is not there, and one that is no JSON', () => {
    const text = join(scratch, 'text.json');
    writeFileSync(text, 'loss');
    const { stdout, status } = run(join(scratch, 'none.json'), text, '--device', 'cpu');
    expect({ stdout, status }).toEqual({
      stdout: `FAIL none.json not compared: there is no file ${join(scratch, 'none.json')}\nFAIL text.json not compared: text.json is not JSON\n`,
      status: 1,
    });
  });

  it.each(changes)('marks a changed %s: %s', (name, part, change) => {
    const { stdout, status } = altered(name, change as unknown as (vectors: Record<string, never>) => void);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^FAIL/);
    const marked = stdout.split(' ').filter((word) => word.includes('(!)') || word.includes(`${part}=not`));
    expect(marked.join(' ')).toContain(part);
  });
});
