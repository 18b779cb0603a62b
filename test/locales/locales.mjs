/* `npm run locales`: takes the words of the page's source into its catalogues. Runs on Node 20; the work is done by Node 24. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { ensureInstalled, environment, node24, root } from '../../main/cli/setup.mjs';

await ensureInstalled();
const { status } = spawnSync(node24(), [join(root, 'test/locales/update.ts')], { cwd: root, stdio: 'inherit', env: environment() });
process.exit(status ?? 1);
