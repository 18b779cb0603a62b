import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { licencesPlugin } from './main/cli/licences.mjs';
import { languages } from './renderer/locales/build/plugin.ts';

const root = dirname(fileURLToPath(import.meta.url));

// Native modules and what finds files beside itself stay outside the bundle; everything else goes in.
// The webgpu backend is not shipped: Electron refuses the memory Dawn shares, and the device says so before it loads anything.
const outside = [
  /^better-sqlite3$/,
  /^koffi$/,
  /^@tensorflow\/tfjs-node-gpu(\/|$)/,
  /^@tensorflow\/tfjs-backend-webgpu$/,
  /^assemblyscript(\/|$)/,
];

// CommonJS that Electron's main and utility processes load whatever their age; newer syntax is compiled away.
const script = (input: Record<string, string>, outDir: string) => ({
  build: {
    target: 'node16',
    outDir,
    minify: false,
    sourcemap: false,
    externalizeDeps: false,
    rolldownOptions: {
      input,
      external: outside,
      output: { format: 'cjs' as const, entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
});

export default defineConfig({
  main: script(
    { desktop: 'main/desktop/index.ts', updates: 'main/desktop/update-source.ts', worker: 'main/worker/process.ts' },
    'out/main',
  ),
  preload: script({ index: 'preload/index.ts' }, 'out/preload'),
  renderer: {
    root: 'renderer',
    base: './',
    plugins: [languages(root), licencesPlugin(root), svelte({ configFile: false })],
    build: {
      target: 'es2022',
      // Half a second of every start went into reading names and spaces.
      minify: true,
      // The oldest page this is tested on is Chromium 108, so newer CSS syntax is compiled away as far as it can be (theme.css).
      cssTarget: 'chrome108',
      outDir: join(root, 'out/renderer'),
      emptyOutDir: true,
      // The page's policy takes fonts and pictures from files, not from data: addresses inside styles.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 3000,
      rolldownOptions: { input: join(root, 'renderer/index.html') },
    },
  },
});
