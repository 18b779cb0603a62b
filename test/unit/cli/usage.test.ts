import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cards } from '#models/cards.ts';
import { machineThreads } from '#studio/threads.ts';
import { avocet, cleanUp, entry, json, start, temporaryFolder } from './fixture.ts';

let home: string;
let first: { datasets: { id: string; users: number; modalities: { name: string }[] }[]; broken: unknown[] };
beforeAll(async () => {
  home = temporaryFolder();
  first = await json(home, 'datasets');
  // One lasting owner of the folder, beside which all the others come and go.
  await start(home, 'serve', '--no-open').printed(/http:/);
});
afterAll(cleanUp);

describe('lists', () => {
  it('has the demo dataset in an empty data folder', () => {
    expect(first).toMatchObject({ datasets: [{ id: 'demo', users: 800, modalities: [{ name: 'image' }, { name: 'text' }] }], broken: [] });
  });

  it('takes the data folder from --home before AVOCET_HOME and says which it is', async () => {
    const elsewhere = join(temporaryFolder(), 'not there');
    const { code, stdout, stderr } = await avocet(elsewhere, 'doctor', '--home', home, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as { devices: { id: string }[] };
    expect(report).toMatchObject({ version: '0.1.0', home, problems: [] });
    expect(report.devices.map(({ id }) => id)).toEqual(['wasm', 'cpu', 'tensorflow', 'webgpu']);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('prints the cards of the models, or one of them', async () => {
    const all = await json<{ models: { id: string }[] }>(home, 'models');
    expect(all.models.map(({ id }) => id)).toEqual(cards.map(({ id }) => id));
    const one = await json<{ models: { id: string; hyper: object }[] }>(home, 'models', 'mgcn');
    expect(one.models).toMatchObject([{ id: 'mgcn', hyper: { cl_loss: { default: 0.01 } } }]);
    const { stdout } = await avocet(home, 'models', 'mgcn');
    expect(stdout).toMatch(/^MGCN: .*\n.*2023\n/);
    expect(stdout).toMatch(/^cl_loss +0\.01 +0 to 10 /m);
  });

  it('ends as usual where its reader has left', () => {
    // As in a shell: a pipe whose other end is closed before the first line.
    const shell = spawnSync('sh', ['-c', '"$0" "$1" models | true', process.execPath, entry]);
    expect(shell.stderr.toString()).toBe('');
  });

  it('prints help of all commands and of one on stdout, and without a command on stderr as wrong use', async () => {
    const [all, one, none] = await Promise.all([avocet(home, '--help'), avocet(home, 'run', '--help'), avocet(home)]);
    expect(all).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^ {2}serve /m) });
    expect(one).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/--set key=value/) });
    expect(none).toMatchObject({ code: 2, stdout: '', stderr: all.stdout });
  });
});

const run = ['run', '--dataset', 'demo', '--model', 'mgcn'];

// At once: each is a process of its own that mostly loads code.
describe.concurrent('wrong use', () => {
  it.each<[string, string[], RegExp]>([
    [
      'an unknown command',
      ['datasetz'],
      /"datasetz" is not among the commands; nearest: datasets\. Known: doctor, storage, diagnostics, models, model, datasets, /,
    ],
    ['an unknown option', ['run', '--datset', 'demo'], /"--datset" is not among the options of run; nearest: --dataset\. Known: .*--seeds/],
    ['no dataset', ['run', '--model', 'mgcn'], /--dataset is missing/],
    ['no model', ['run', '--dataset', 'demo'], /--model is missing/],
    ['an unknown model', ['run', '--dataset', 'demo', '--model', 'mgcnn'], /"mgcnn".*nearest: mgcn\. Known: bpr, lightgcn, /],
    ['an unknown preset', [...run, '--preset', 'cl-0.01'], /"cl-0\.01".*presets of mgcn; nearest: cl-0\.001\. Known: baby, /],
    ['an unknown setting', [...run, '--set', 'cl_los=1'], /"cl_los".*settings of mgcn; nearest: cl_loss\. Known: .*batch_size/],
    ['a setting out of its bounds', [...run, '--set', 'cl_loss=-5'], /--set cl_loss must be at least 0 and at most 10, found -5/],
    ['an unknown choice', [...run, '--set', 'feat_trainable=ja'], /--set feat_trainable must be one of released, false, found "ja"/],
    ['a setting without a value', [...run, '--set', 'cl_loss'], /--set wants key=value, found "cl_loss"/],
    ['a learning rate out of its bounds', [...run, '--set', 'lr=-5'], /lr must be above 0 and at most 1e\+40, found -5/],
    ['no epochs', [...run, '--epochs', '0'], /--epochs must be a whole number of at least 1, found "0"/],
    ['seeds that are none', [...run, '--seeds', '1,x'], /--seeds must be whole numbers .* found "1,x"/],
    ['two ways to name seeds', [...run, '--seed', '1', '--seeds', '2'], /give --seed or --seeds, not both/],
    ['an unknown device', [...run, '--device', 'gpu'], /--device must be one of wasm, cpu, tensorflow, webgpu, found "gpu"/],
    ['an unknown protocol', [...run, '--protocol', 'test'], /--protocol must be one of validation, mmrec, found "test"/],
    [
      'results without files',
      ['import-run', '--dataset', 'demo', '--model', 'Mine'],
      /give the vectors \(--users and --items\), or the lists/,
    ],
    [
      'half the vectors',
      ['import-run', '--dataset', 'demo', '--model', 'Mine', '--users', 'u.npy'],
      /vectors need both --users and --items/,
    ],
    [
      'a name that is no parameter',
      ['import-run', '--dataset', 'demo', '--model', 'Mine', '--lists', 'l.csv', '--set', 'a b=1'],
      /--set a b: a parameter is a word/,
    ],
    ['a folder without a command', [...run, '--folder', '.'], /--folder is where a --command runs/],
    ['a preset of a command', [...run, '--command', 'true', '--preset', 'baby'], /a command has no presets/],
    ['too many words', ['datasets', 'demo'], /usage: avocet datasets/],
    ['an unreadable filter', ['runs', '--filter', 'model ='], /--filter: .*has no value/],
    [
      'a field no run has',
      ['runs', '--filter', 'ii_kk=10'],
      /--filter: .*Runs have no field ii_kk\. Did you mean ii_k\? Known: .*\bid, .*such as val\.recall@20/,
    ],
    ['a state no run has', ['runs', '--filter', 'state=broken'], /--filter: .*"broken" is no state of a run\. Known: queued, /],
    ['an unknown format', ['table', '--format', 'xls'], /--format must be one of csv, latex, markdown, json, xlsx, parquet, found "xls"/],
    ['an import without a name', ['import', '.'], /--name is missing/],
    ['a metric that there is not', ['table', '--metrics', 'foo@20'], /"foo@20" is not among the metrics\. Known: recall@5, /],
    ['a baseline that is no model', ['table', '--baseline', 'mgnc'], /"mgnc" is not among the models; nearest: mgcn\. Known: /],
    ['stars without a baseline', ['table', '--stars'], /--stars needs --baseline/],
    ['a test of a table without stars', ['table', '--test', 't'], /--test belongs to tests: add --stars/],
    ['a level that is none', ['compare', '--alpha', '5'], /--alpha must be a number between 0 and 1, such as 0\.05, found "5"/],
    ['a test that there is not', ['compare', '--test', 'anova'], /--test must be one of t, wilcoxon, bootstrap, found "anova"/],
    ['every pair against one row', ['compare', '--pairs', '--baseline', 'mgcn'], /--pairs tests every pair and --baseline one row/],
    ['JSON in another format', ['table', '--format', 'csv'], /--json prints the table as JSON and --format csv does not: leave one out/],
    ['a name that is near to none', ['nosuch'], /"nosuch" is not among the commands\. Known: doctor, /],
    ['an option that is near to none', ['runs', '--bogus'], /"--bogus" is not among the options of runs\. Known: --home, /],
    ['a short option', ['runs', '-x'], /"-x" is not among the options of runs\. Known: --home, /],
    ['a negative number', [...run, '--epochs', '-3'], /--epochs must be a whole number of at least 1, found "-3"/],
    ['an option without its value', ['runs', '--filter'], /--filter needs a value: --filter EXPRESSION \(usage: avocet runs /],
    ['an option twice', [...run, '--model', 'bpr'], /--model is given twice \(mgcn and bpr\), and run takes one/],
    ['a value for a switch', ['serve', '--no-open=yes'], /--no-open takes no value, found "yes"/],
  ])('%s', async (_what, args, words) => {
    const { code, stdout, stderr } = await avocet(home, ...args, '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^avocet: /);
    expect(stderr).toMatch(words);
  });
});

// What a data folder or a disk holds is no vocabulary of the command line.
describe.concurrent('what is not there is a problem, with what there is', () => {
  const nowhere = join(tmpdir(), 'avocet-there-is-none.yaml');
  it.each<[string, string[], RegExp]>([
    [
      'an experiment to freeze',
      ['freeze', 'none'],
      /^There is no experiment "none"\n {2}There is none yet: run, sweep and demo make one\.\n$/,
    ],
    ['an experiment of a table', ['table', '--experiment', 'none'], /^There is no experiment "none"/],
    ['a run to resume', ['resume', 'run-none'], /^There is no run run-none\n {2}The list of runs has the ids: avocet runs\.\n$/],
    [
      'a sweep file',
      ['sweep', nowhere],
      /avocet-there-is-none\.yaml: The sweep file cannot be read: it does not exist\n {2}Give the path of a sweep file in YAML, or - for/,
    ],
    ['a sweep that is a folder', ['sweep', tmpdir()], /: The sweep file cannot be read: it is a folder\n/],
  ])('%s', async (_what, args, words) => {
    const { code, stdout, stderr } = await avocet(home, ...args, '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
  });
});

describe.concurrent('a data folder that cannot be one', () => {
  const file = () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    return path;
  };
  it.each<[string, () => string, RegExp]>([
    ['is a file', file, /file: The data folder is a file\n {2}Choose a folder on a local disk/],
    ['lies in a file', () => join(file(), 'a', 'b'), /b: The data folder cannot lie in \S+file, which is a file\n {2}Choose a folder/],
    ...(process.platform === 'linux'
      ? [
          [
            'lies where nothing can be made',
            () => '/proc/avocet/data',
            /^\/proc\/avocet\/data: The data folder cannot be used: \/proc\/avocet cannot be made, nothing can be made there\n {2}Choose a folder/,
          ] satisfies [string, () => string, RegExp],
        ]
      : []),
  ])('%s', async (_what, path, words) => {
    const { code, stdout, stderr } = await avocet(home, 'runs', '--home', path(), '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^ {4}at |defect of Avocet/m);
  });
});

it('prints the address of a served studio on both streams, and once where both go to one place', async () => {
  const served = await start(home, 'serve', '--no-open').printed(/^http:.*$/m);
  expect(served).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/);
  const place = join(temporaryFolder(), 'both');
  const both = openSync(place, 'w');
  const child = spawn(process.execPath, [entry, 'serve', '--no-open', '--home', home], { stdio: ['ignore', both, both] });
  try {
    await expect.poll(() => readFileSync(place, 'utf8'), { timeout: 60_000 }).toMatch(/From another machine: .*\n/);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readFileSync(place, 'utf8').match(/http:/g)).toHaveLength(1);
  } finally {
    child.kill('SIGKILL');
    closeSync(both);
  }
});

it.skipIf(machineThreads() >= 256)(
  `says how many threads compute where fewer do than were asked for${machineThreads() >= 256 ? ' (skipped: more cores than threads can be asked for)' : ''}`,
  async () => {
    const wanted = machineThreads() + 1;
    const asked = ['run', '--dataset', 'demoo', '--model', 'lightgcn', '--threads', `${wanted}`];
    const { stderr } = await avocet(home, ...asked);
    expect(stderr).toMatch(new RegExp(`^This machine has .*: runs get ${machineThreads()} of the ${wanted} threads asked for\\.\n`));
  },
);

it('says an unknown dataset as a problem, with the known ones and the nearest, and starts nothing', async () => {
  const { code, stdout, stderr } = await avocet(home, 'run', '--dataset', 'demoo', '--model', 'lightgcn', '--json');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/There is no dataset demoo\n {2}Did you mean demo\? Known: demo\./);
  expect(await json(home, 'runs')).toEqual({ runs: [], total: 0 });
  expect(await json(home, 'experiments')).toEqual({ experiments: [] });
});
