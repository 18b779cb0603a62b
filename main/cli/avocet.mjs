/*
 * `npm run -s avocet -- COMMAND`: the terminal front door. Installs and builds what is missing, silently on stdout, and then becomes
 * main/cli/index.ts on Node 24, which runs TypeScript as it is. Only `serve` shows a page, so only it waits for one to be built.
 */
import { join } from 'node:path';
import process from 'node:process';
import { become, ensureInstalled, node24, nodeEnvironment, root } from './setup.mjs';
import { ensureBuilt } from './build.mjs';

const args = process.argv.slice(2);
await ensureInstalled();
const command = args.find((argument, index) => !argument.startsWith('-') && args[index - 1] !== '--home');
if (command === 'serve') await ensureBuilt(['renderer']);
become(node24(), [join(root, 'main/cli/index.ts'), ...args], { env: nodeEnvironment() });
