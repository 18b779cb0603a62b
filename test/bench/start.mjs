/*
 * `npm run bench:start [-- --only browser|app] [--rounds N] [--home DIR] [--json]`: how long the studio takes to be usable, cold and
 * warm. Installs and builds what is missing (output on stderr), frames the app where there is no display, and becomes start.ts.
 */
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt } from '../../main/cli/build.mjs';
import { become, ensureInstalled, environment, node24, root } from '../../main/cli/setup.mjs';

await ensureInstalled();
await ensureBuilt(['renderer', 'main']);
const inner = [node24(), join(root, 'test/bench/start.ts'), ...process.argv.slice(2)];
const isFramed = process.platform === 'linux' && process.env.DISPLAY === undefined && process.env.WAYLAND_DISPLAY === undefined;
const [program, ...args] = isFramed ? ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24 -noreset', ...inner] : inner;
become(program, args, { env: environment() });
