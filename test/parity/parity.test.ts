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
import type { ModelVectors } from './vectors.ts';

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
  function altered<V>(name: string, change: (vectors: V) => void) {
    return run(write(name, name, change), '--device', 'cpu');
  }

  function write<V>(to: string, name: string, change: (vectors: V) => void): string {
    const vectors = JSON.parse(readFileSync(file(name), 'utf8')) as V;
    change(vectors);
    const path = join(scratch, `${to}.json`);
    writeFileSync(path, JSON.stringify(vectors));
    return path;
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

  interface Losses {
    values: number[];
    readonly terms: { readonly step: number; readonly values: number[] }[];
  }

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

  it('compares what a file of other settings brings, and what ours skips there', () => {
    const settings: [string, Record<string, unknown>, string][] = [
      ['pgl', { reg_weight: 0 }, 'noise='],
      ['gume', { um_loss: 0 }, 'noise='],
      ['mentor', { mask_weight_f: 0, mask_weight_g: 0 }, 'noise='],
      ['pgl', { mode: 'global' }, 'not recorded'],
      ['lgmrec', { cf_model: 'mf' }, 'not compared'],
      ['dragon', { n_mm_layers: 0 }, 'not compared'],
    ];
    const files = settings.map(([name, hyper], place) =>
      write(`${name}-${place}`, name, (vectors: { hyper: object }) => Object.assign(vectors.hyper, hyper)),
    );
    const lines = run(...files, '--device', 'cpu')
      .stdout.trimEnd()
      .split('\n');
    expect(lines).toHaveLength(settings.length);
    // The recorded numbers are of other settings: they fail, but none for what is asserted here.
    lines.forEach((line, place) => {
      expect(line).toMatch(/^FAIL \S+ loss=/);
      expect(line).not.toContain(settings[place]![2]);
    });
    // The released code has two layers, whatever is asked for.
    const asked = { constants: { dim_latent: 4 }, hyper: { n_layers: 3 } } as unknown as ModelVectors;
    expect(adapters['mvgae']!.hyper!(asked)).toEqual({ dim_latent: 4, n_layers: 2 });
  });

  it('reads masks where the noise before them is not asked for', () => {
    // The contrast alone needs the noise: without it the losses are smaller by its weighted terms, but for what its gradient moved.
    const { stdout } = altered('mentor', ({ hyper, loss }: { hyper: Record<string, number>; loss: Losses }) => {
      for (const { step, values } of loss.terms) loss.values[step - 1]! -= hyper['mask_weight_g']! * values[0]!;
      hyper['mask_weight_g'] = 0;
    });
    expect(Number(/loss=([\d.e-]+)/.exec(stdout)?.[1])).toBeLessThan(1e-4);
  });

  it('names a setting that ours does not have', () => {
    const { stdout } = altered('slmrec', (vectors: { hyper: object }) => Object.assign(vectors.hyper, { ssl_task: 'FD' }));
    expect(stdout).toBe('FAIL slmrec.json not compared: ssl_task is "FD", ours computes "FAC"\n');
  });

  it('allows scores what the reference itself strays from double, and entries what rounding of a small gradient moves', () => {
    const strayed = altered('freedom', (vectors: { scores: { after3: number[] }; float64: Record<string, number> }) => {
      vectors.scores.after3[7]! += 1e-5;
      vectors.float64['max_diff_scores_after3'] = 1e-5;
    });
    expect(strayed.stdout).toMatch(/^PASS/);
    // A gradient of 1e-9 that rounding halves moves its entry by lr·δ/(|g| + ε), far more than 2e-6.
    const moved = altered('bpr', ({ params }: { params: { init: number[]; grad: number[]; after1: number[]; after3: number[] }[] }) => {
      const { grad, after1, after3, init } = params[0]!;
      const still = grad.findIndex((value) => value === 0);
      expect(after3[still]).toBe(init[still]);
      grad[still] = 1e-9;
      after1[still] = init[still]! - 9e-5;
      after3[still] = init[still]! - 2.7e-4;
    });
    expect(moved.stdout).toMatch(/^PASS/);
  });

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
    const { stdout, status } = altered(name, change);
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
    const { stdout, status } = altered(name, change);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^FAIL/);
    const marked = stdout.split(' ').filter((word) => word.includes('(!)') || word.includes(`${part}=not`));
    expect(marked.join(' ')).toContain(part);
  });
});
