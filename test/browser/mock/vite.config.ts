import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { licencesPlugin } from '../../../main/cli/licences.mjs';

// Serves the real page on a studio drawn in memory, to look at states that a real one reaches rarely (`npx vite -c test/browser/mock/vite.config.ts`).
const root = dirname(fileURLToPath(import.meta.url));
export default defineConfig({
  root,
  base: './',
  cacheDir: '../../../.cache/vite-mock',
  plugins: [licencesPlugin(join(root, '../../..')), svelte({ configFile: false })],
  server: { port: 5199, strictPort: true, fs: { allow: ['../../..'] } },
});
