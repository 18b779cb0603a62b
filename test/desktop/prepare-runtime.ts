import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkedFolder, root, runtime } from './runtime.ts';

/** Before the ring: the app is built, and the old runtime has it as resources/app. */
export default function prepareRuntime(): void {
  const build = spawnSync(process.execPath, [join(root, 'main/cli/build.mjs')], { stdio: 'inherit' });
  if (build.status !== 0) throw new Error('The app did not build');
  const { folder, isShipped } = runtime();
  if (isShipped) return;
  rmSync(linkedFolder, { recursive: true, force: true });
  mkdirSync(join(linkedFolder, '..'), { recursive: true });
  // Hard links where the cache is on the same disk, else a copy.
  const linked = spawnSync('cp', ['-al', folder, linkedFolder]);
  if (linked.status !== 0) spawnSync('cp', ['-a', folder, linkedFolder]);
  const app = join(linkedFolder, 'resources', 'app');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'avocet', version: '0.0.0', main: 'main.cjs' }));
  writeFileSync(join(app, 'main.cjs'), `require(${JSON.stringify(join(root, 'test/desktop/compat/main.cjs'))});\n`);
}
