/*
 * `npm run package -- [TARGET…]`: the app as people install it, into dist/. Targets are electron-builder's for this system (dir,
 * tar.gz, AppImage, deb, nsis, dmg); without one, dir. Dependency-free: installs and builds first, then hands over to Node 24.
 */
import { join } from 'node:path';
import process from 'node:process';
import { ensureBuilt } from './build.mjs';
import { become, ensureInstalled, environment, node24, root } from './setup.mjs';

await ensureInstalled();
await ensureBuilt(['renderer', 'main']);
become(node24(), [join(root, 'main/cli/package-app.mjs'), ...process.argv.slice(2)], { env: environment() });
