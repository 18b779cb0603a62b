/*
 * Runs on Node 24 with the packages installed, started by build.mjs: builds one part of electron.vite.config.ts.
 * `electron-vite build` always builds main, preload and page together; browser mode needs the page alone, hence this script.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { resolveConfig } from 'electron-vite';
import { build } from 'vite';
import { root } from './setup.mjs';

process.chdir(root);
const sections = { renderer: ['renderer'], main: ['main', 'preload'] }[process.argv[2]];
const { config } = await resolveConfig({ configFile: join(root, 'electron.vite.config.ts'), logLevel: 'warn' }, 'build', 'production');
for (const section of sections) {
  // One entry a build: shared chunks of a CommonJS bundle can require each other in a circle before either is filled.
  const { input, ...options } = config[section].build.rolldownOptions;
  const entries = typeof input === 'string' ? [input] : Object.entries(input).map(([name, path]) => ({ [name]: path }));
  for (const [index, entry] of entries.entries()) {
    await build({
      ...config[section],
      build: { ...config[section].build, emptyOutDir: index === 0, rolldownOptions: { ...options, input: entry } },
    });
  }
}
if (process.argv[2] === 'main') placeBinaries();

/** The binaries of the wasm device lie beside the bundle, where main/engine/devices/assets.ts looks first. */
function placeBinaries() {
  const folder = join(root, 'out', 'main');
  const kernels = spawnSync(process.execPath, [join(root, 'main/engine/kernels/build.mjs'), folder], { stdio: ['ignore', 2, 2] });
  if (kernels.status !== 0) process.exit(1);
}
