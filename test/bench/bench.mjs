/*
 * `npm run bench [-- --only WORK] [--device D] [--threads 1,2] [--peer pytorch] [--json]`: speed and memory beside PyTorch, at the size
 * of Amazon Baby and beyond. Installs what is missing (output on stderr) and becomes bench.ts on Node 24.
 */
import { join } from 'node:path';
import process from 'node:process';
import { become, ensureInstalled, node24, nodeEnvironment, root } from '../../main/cli/setup.mjs';

await ensureInstalled();
become(node24(), [join(root, 'test/bench/bench.ts'), ...process.argv.slice(2)], { env: nodeEnvironment() });
