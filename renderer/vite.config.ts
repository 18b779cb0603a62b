import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/**
 * The page, built once for both shells into out/renderer. Relative addresses, because the desktop app serves it from app:// and
 * browser mode from a port; nothing is inlined as data:, because the content policy refuses data: fonts and scripts.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  plugins: [
    svelte({
      compilerOptions: { runes: true },
      dynamicCompileOptions: ({ filename }) => (filename.includes('node_modules') ? { runes: undefined } : undefined),
    }),
  ],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    // The oldest page we run in: the Electron of the desktop tests.
    target: 'chrome108',
    cssTarget: 'chrome108',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
