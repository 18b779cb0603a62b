/*
 * `npm test`: installs what is missing, runs every ring and closes with one line that adds them up. `npm test -- unit browser` runs
 * those rings alone. Dependency-free and runs on Node 20; the rings run on Node 24.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt } from '../main/cli/build.mjs';
import { cache, ensureInstalled, environment, node24, root, say } from '../main/cli/setup.mjs';
import { chromium, ensureElectron, ensureLogTools, ensureSystemPackages, ensureTensorflow, registryAnswers } from './rings/machine.mjs';
import { ensureVulkan } from './rings/vulkan.mjs';

const tool = (path) => join(root, 'node_modules', path);
const vitest = (project) => [
  tool('vitest/vitest.mjs'),
  'run',
  '--project',
  project,
  '--passWithNoTests',
  '--reporter=default',
  '--reporter=./test/rings/vitest-reporter.mjs',
];
const playwright = (ring) => [
  tool('@playwright/test/cli.js'),
  'test',
  '--config',
  `test/${ring}/playwright.config.ts`,
  '--reporter=list,./test/rings/playwright-reporter.mjs',
];

/** Rings in the order they run, cheapest first; `minutes` is when a ring is ended as hanging. */
const rings = [
  { name: 'unit', args: vitest('unit'), minutes: 45, vulkan: true },
  { name: 'parity', args: vitest('parity'), minutes: 30, vulkan: true },
  { name: 'browser', args: playwright('browser'), minutes: 75, needs: 'chromium' },
  { name: 'desktop', args: playwright('desktop'), minutes: 45, needs: 'electron' },
  { name: 'endurance', args: vitest('endurance'), minutes: 75 },
];

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !rings.some((ring) => ring.name === name));
if (unknown !== undefined) {
  say(`There is no ring "${unknown}"; rings are ${rings.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const wanted = rings.filter(({ name }) => asked.length === 0 || asked.includes(name));

const machine = await prepare();
const results = [];
for (const ring of wanted) results.push(...(await runRing(ring)));
close(results);

async function prepare() {
  await ensureInstalled();
  const packages = ensureSystemPackages();
  if (packages !== undefined) say(`System packages: ${packages}.`);
  const wants = (name) => wanted.some((ring) => ring.name === name);
  const tensorflow = wants('unit') || wants('parity') ? ensureTensorflow() : {};
  const logTools = wants('unit') ? ensureLogTools() : {};
  const vulkan = wanted.some((ring) => ring.vulkan) ? ensureVulkan() : {};
  const electron = wants('desktop') ? await ensureElectron() : {};
  const isMissing = tensorflow.reason !== undefined || electron.reason !== undefined;
  const answers = isMissing && registryAnswers();
  if (logTools.reason !== undefined) say(`Files of other tools: ${logTools.reason}.`);
  if (tensorflow.reason !== undefined) say(`tensorflow device: ${tensorflow.reason}.`);
  if (vulkan.reason !== undefined) say(`webgpu device: ${vulkan.reason}.`);
  if (wants('browser') || wants('desktop')) await ensureBuilt(wants('desktop') ? ['renderer', 'main'] : ['renderer']);
  if (electron.version !== undefined) {
    say(`Desktop ring: Electron ${electron.version}${electron.isShipped ? '' : ' (a test runtime; the app ships a newer one)'}.`);
  }
  return { tensorflow, logTools, vulkan, electron, chromium: chromium(), answers };
}

/** Why a ring cannot run at all, or undefined. */
function obstacle({ needs }) {
  if (needs === 'chromium' && machine.chromium === undefined) return 'no Chromium on this machine';
  if (needs === 'electron' && machine.electron.reason !== undefined) return `no Electron runtime (${machine.electron.reason})`;
  return undefined;
}

async function runRing(ring) {
  const reason = obstacle(ring);
  if (reason !== undefined) return [{ ring: ring.name, name: ring.name, state: machine.answers ? 'failed' : 'skipped', reason }];
  if (ring.needs !== undefined && !existsSync(join(root, 'test', ring.name, 'playwright.config.ts'))) {
    return [{ ring: ring.name, name: ring.name, state: 'failed', reason: 'the ring has no tests' }];
  }
  say(`\n── ${ring.name} ──`);
  const file = join(cache, `results-${ring.name}.json`);
  mkdirSync(cache, { recursive: true });
  rmSync(file, { force: true });
  const { code, isLate } = await execute(ring, file);
  if (!existsSync(file)) {
    const why = isLate ? `it did not end within ${ring.minutes} minutes` : `it ended with exit code ${code} and no results`;
    return [{ ring: ring.name, name: ring.name, state: 'failed', reason: why }];
  }
  const found = JSON.parse(readFileSync(file, 'utf8')).map((result) => judged({ ...result, ring: ring.name }));
  const hasFailed = found.some(({ state }) => state === 'failed');
  if (code !== 0 && !hasFailed)
    found.push({ ring: ring.name, name: ring.name, state: 'failed', reason: `its runner ended with exit code ${code}` });
  return found;
}

/** A skip must say why; and what the registries could have given must not be skipped. */
function judged(result) {
  if (result.state === 'passed' || result.state === 'failed') return result;
  const reason = result.reason ?? /skipped:? ([^)›]+)/.exec(result.name)?.[1];
  if (reason === undefined) return { ...result, state: 'failed', reason: 'skipped without a reason' };
  const isOurs = /tensorflow|electron/i.test(reason) && (machine.answers || machine.tensorflow.folder !== undefined);
  return { ...result, state: isOurs ? 'failed' : 'skipped', reason };
}

function execute(ring, resultsFile) {
  const env = environment({
    AVOCET_RING_RESULTS: resultsFile,
    ...(ring.vulkan && machine.vulkan.env !== undefined ? { ...machine.vulkan.env, AVOCET_TEST_WEBGPU: '1' } : {}),
    ...(machine.tensorflow.folder === undefined ? {} : { AVOCET_TENSORFLOW: machine.tensorflow.folder }),
    ...(machine.logTools.folder === undefined ? {} : { AVOCET_LOG_TOOLS: machine.logTools.folder }),
    ...(machine.chromium === undefined ? {} : { AVOCET_CHROMIUM: machine.chromium }),
    ...(machine.electron.folder === undefined
      ? {}
      : { AVOCET_TEST_ELECTRON: machine.electron.folder, AVOCET_TEST_ELECTRON_VERSION: machine.electron.version }),
  });
  const inner = [node24(), ...ring.args];
  const isFramed = ring.needs === 'electron' && process.platform === 'linux';
  // Left by its last client the display would begin anew, and an app that starts in that moment finds none.
  const [program, ...args] = isFramed ? ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24 -noreset', ...inner] : inner;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    let isLate = false;
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // The group is gone already.
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      end('SIGKILL');
    }, ring.minutes * 60_000);
    // Who ends the tests ends all of them: no further ring, and the exit code that a shell expects.
    const handOn = (signal) => {
      end(signal);
      process.exitCode = 128 + constants.signals[signal];
      child.once('exit', () => process.exit());
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, handOn);
    child.on('error', () => resolve({ code: 1, isLate }));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      for (const each of ['SIGINT', 'SIGTERM']) process.off(each, handOn);
      resolve({ code: code ?? 128 + constants.signals[signal], isLate });
    });
  });
}

function close(all) {
  const count = (ring, state) => all.filter((result) => (ring === undefined || result.ring === ring) && result.state === state).length;
  say('');
  for (const { ring, name, reason } of all.filter(({ state }) => state === 'skipped')) say(`skipped  ${ring}: ${name}: ${reason}`);
  for (const { ring, name, reason } of all.filter(({ state }) => state === 'failed'))
    say(`failed   ${ring}: ${name}${reason === undefined ? '' : `: ${reason}`}`);
  for (const { name } of wanted)
    say(`${name.padEnd(10)} ${count(name, 'passed')} passed, ${count(name, 'failed')} failed, ${count(name, 'skipped')} skipped`);
  const failed = count(undefined, 'failed');
  process.exitCode = failed === 0 ? 0 : 1;
  process.stdout.write(`${count(undefined, 'passed')} passed, ${failed} failed, ${count(undefined, 'skipped')} skipped\n`);
}
