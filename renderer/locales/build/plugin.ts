import type { Plugin } from 'vite';
import { compileComponent, compileScript, type Compiled } from './compile.ts';
import { staysAsItIs } from './as-is.ts';
import { isWordFile, speaks } from './sources.ts';

/** Compiles one file that speaks, by its path inside the repository. */
export function compileFile(path: string, source: string): Compiled {
  const isWord = (key: string) => !staysAsItIs(path, key);
  return path.endsWith('.svelte') ? compileComponent(source, isWord) : compileScript(source, isWordFile(path), isWord);
}

/** The step of the renderer's build that turns its English into look-ups. Reads and writes no file but what Vite hands it. */
export function languages(root: string): Plugin {
  return {
    name: 'avocet-languages',
    enforce: 'pre',
    transform(source, id) {
      const path = id.replaceAll('\\', '/').slice(root.length + 1);
      if (!id.replaceAll('\\', '/').startsWith(root.replaceAll('\\', '/')) || !speaks(path)) return null;
      return { code: compileFile(path, source).code, map: null };
    },
  };
}
