/*
 * `npm run bench:store [-- --runs N] [--home DIR] [--json]`: how long lists take over a store of 10,000 runs. Installs what is missing
 * (output on stderr) and becomes store.ts on Node 24.
 */
import { join } from 'node:path';
import process from 'node:process';
import { become, ensureInstalled, node24, nodeEnvironment, root } from '../../main/cli/setup.mjs';

await ensureInstalled();
become(node24(), [join(root, 'test/bench/store.ts'), ...process.argv.slice(2)], { env: nodeEnvironment() });
