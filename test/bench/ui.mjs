/*
 * `npm run bench:ui [-- --only GOAL]… [--store 10000|100000] [--repeats N] [--base FILE] [--json]`: the goals of the interface, measured
 * in Chromium against a served studio on a generated store. Installs and builds what is missing (output on stderr) and becomes ui.ts on Node 24.
 */
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt } from '../../main/cli/build.mjs';
import { become, ensureInstalled, environment, node24, refuse, root } from '../../main/cli/setup.mjs';
import { chromium, ensureSystemPackages } from '../rings/machine.mjs';

await ensureInstalled();
await ensureBuilt(['renderer']);
if (process.env.AVOCET_CHROMIUM === undefined && chromium() === undefined) {
  const missing = ensureSystemPackages();
  if (chromium() === undefined)
    refuse(`no Chromium to measure in: ${missing ?? 'none was found'}. Install one, or name it in AVOCET_CHROMIUM.`);
}
const browser = process.env.AVOCET_CHROMIUM ?? chromium();
become(node24(), [join(root, 'test/bench/ui.ts'), ...process.argv.slice(2)], { env: { ...environment(), AVOCET_CHROMIUM: browser } });
