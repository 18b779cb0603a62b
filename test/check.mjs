/*
 * `npm run check`: format, lint, the types of each layer and the unit ring, in that order, all of them even where an early one fails.
 * Dependency-free and runs on Node 20; the tools themselves run on Node 24.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { ensureInstalled, environment, node24, root, say } from '../main/cli/setup.mjs';

await ensureInstalled();
const node = node24();
const tool = (path) => join(root, 'node_modules', path);

const steps = [
  ['format', [tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  ['lint', [tool('eslint/bin/eslint.js'), '--cache', '--cache-location', join(root, '.cache', 'eslint'), '.']],
  ['types of main, preload and tests', [tool('typescript/bin/tsc'), '-b', ...layers()]],
  [
    'types of the renderer',
    [tool('svelte-check/bin/svelte-check'), '--tsconfig', 'renderer/tsconfig.json', '--output', 'human', '--fail-on-warnings'],
  ],
  ['unit tests', [tool('vitest/vitest.mjs'), 'run', '--project', 'unit']],
];

function layers() {
  // The renderer's .svelte files are beyond tsc; svelte-check has them.
  return ['preload', 'main/worker', 'main/desktop', 'main/cli', 'test'];
}

const wanted = process.argv.slice(2);
const failed = [];
for (const [name, args] of steps) {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) continue;
  const startedAt = Date.now();
  const { status } = spawnSync(node, args, { cwd: root, stdio: 'inherit', env: environment() });
  say(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  say(`check: ${failed.length} of ${steps.length} failed: ${failed.join(', ')}`);
  process.exit(1);
}
