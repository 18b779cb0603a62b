/*
 * `npm run -s parity -- FILE… [--device wasm|cpu|tensorflow|webgpu]`: compares the models with reference vectors, one line per file on
 * stdout. Installs what is missing (output on stderr) and becomes parity.ts on Node 24.
 */
import { join } from 'node:path';
import process from 'node:process';
import { become, ensureInstalled, node24, nodeEnvironment, root } from '../../main/cli/setup.mjs';

await ensureInstalled();
become(node24(), [join(root, 'test/parity/parity.ts'), ...process.argv.slice(2)], { env: nodeEnvironment() });
