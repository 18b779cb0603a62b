/*
 * A software Vulkan driver for the webgpu device: Mesa's, unpacked from Debian's packages into the user's cache, not installed. Dawn
 * refuses the 22.3 of Debian 12, whose backports hold a newer one. Dependency-free.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { environment, node24, root, say } from '../../main/cli/setup.mjs';
import { madeOnce, run, store } from './machine.mjs';

/** What the webgpu device answers with these variables set: { available, missing }. */
function probe(env) {
  const script = join(root, 'main/engine/devices/probe-process.ts');
  const { stdout } = spawnSync(node24(), [script, 'webgpu', '{}'], { cwd: root, env: environment(env), encoding: 'utf8', timeout: 60_000 });
  try {
    return JSON.parse((stdout ?? '').trim().split('\n').at(-1));
  } catch {
    return { available: false, missing: 'the probe of the webgpu device gave no answer' };
  }
}

/** This Debian's own archive as one line of apt: { line(suite) }, from whichever form the machine keeps it in. */
function archive(codename) {
  const parts = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [])];
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  for (const block of texts.flatMap((text) => text.split(/\n\s*\n/))) {
    const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(block)?.[1]?.trim();
    if (!field('Suites')?.split(/\s+/).includes(codename)) continue;
    const key = field('Signed-By');
    return (suite) => `deb ${key?.startsWith('/') ? `[signed-by=${key}] ` : ''}${field('URIs').split(/\s+/)[0]} ${suite} main`;
  }
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const found = /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/.exec(line);
    if (found?.[3] === codename) return (suite) => `deb ${found[1] ?? ''}${found[2]} ${suite} main`;
  }
  return undefined;
}

/** Downloads the driver and what it needs beyond the installed packages, and unpacks all of it into `folder`. */
function unpackMesa(folder) {
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const line = codename === undefined ? undefined : archive(codename);
  if (line === undefined) return 'the machine names no Debian archive';
  say('Fetching a software Vulkan driver …');
  const suites = codename === 'bookworm' ? [codename, `${codename}-backports`] : [codename];
  const apt = join(folder, 'apt');
  for (const path of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(apt, path), { recursive: true });
  writeFileSync(join(apt, 'sources.list'), suites.map((suite) => `${line(suite)}\n`).join(''));
  const options = {
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': apt,
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(apt, 'cache'),
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
    'Acquire::Retries': '3',
    'Acquire::http::Timeout': '30',
  };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const get = (...args) => run('apt-get', [...settings, ...args], { timeout: 300_000 });
  const update = get('update');
  if (!update.ok) return `Debian's archive does not answer (${update.lastLine})`;
  const wanted = ['install', '-y', '--download-only', '--no-install-recommends', '-t', suites.at(-1), 'mesa-vulkan-drivers', 'libvulkan1'];
  const install = get(...wanted);
  const archives = join(apt, 'cache', 'archives');
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  if (!install.ok || packages.length === 0) return `mesa-vulkan-drivers could not be downloaded (${install.lastLine})`;
  for (const name of packages) {
    const unpacked = run('dpkg-deb', ['-x', join(archives, name), join(folder, 'root')]);
    if (!unpacked.ok) return `${name} could not be unpacked (${unpacked.lastLine})`;
  }
  rmSync(apt, { recursive: true, force: true });
  return undefined;
}

/** Where the unpacked driver lies, as the variables that Vulkan's loader reads. */
function variables(folder) {
  const described = join(folder, 'root/usr/share/vulkan/icd.d');
  const file = existsSync(described) ? readdirSync(described).find((name) => name.startsWith('lvp_icd')) : undefined;
  if (file === undefined) return undefined;
  const libraries = join(folder, 'root/usr/lib', process.arch === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu');
  const session = join(folder, 'session');
  mkdirSync(session, { recursive: true, mode: 0o700 });
  return {
    VK_DRIVER_FILES: join(described, file),
    VK_ICD_FILENAMES: join(described, file),
    LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? session,
  };
}

/**
 * What makes the webgpu device run here: { env }, empty where the machine has a driver of its own, or { reason }. A software driver is
 * a convenience of the tests, so its absence skips them and fails nothing.
 */
export function ensureVulkan() {
  const own = probe({});
  if (own.available) return { env: {} };
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) return { reason: own.missing };
  const folder = join(store, 'mesa-vulkan');
  const reason = madeOnce(folder, unpackMesa);
  if (reason !== undefined) return { reason };
  const env = variables(folder);
  if (env === undefined) return { reason: 'the downloaded packages hold no software driver' };
  const answer = probe(env);
  return answer.available ? { env } : { reason: answer.missing };
}
