import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileFile } from '#renderer/locales/build/plugin.ts';
import { speaks } from '#renderer/locales/build/sources.ts';

export type Catalogue = Record<string, string>;

export const catalogueFiles = {
  en: 'renderer/locales/en.json',
  zh: 'renderer/locales/zh.json',
  studio: 'renderer/locales/studio.zh.json',
} as const;

/** Every message of the page's source with the files that say it, in the order of files and lines. `root` is the repository. */
export function messagesOf(root: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of sourcesUnder(root)) {
    for (const { key } of compileFile(path, readFileSync(join(root, path), 'utf8')).messages) {
      const files = found.get(key) ?? [];
      if (!files.includes(path)) files.push(path);
      found.set(key, files);
    }
  }
  return found;
}

function sourcesUnder(root: string): readonly string[] {
  const under = ['renderer', 'preload/contract'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  return under.filter(speaks).sort();
}

export function readCatalogue(root: string, language: keyof typeof catalogueFiles): Catalogue {
  return JSON.parse(readFileSync(join(root, catalogueFiles[language]), 'utf8')) as Catalogue;
}

/** The places of values and elements in a message, as they come: ["{0}", "<0/>"]. Elements keep their order, values need not. */
export function placesOf(message: string): readonly string[] {
  const values = [...new Set(message.match(/\{\d+\}/g) ?? [])].sort();
  return [...values, ...(message.match(/<\d+\/>/g) ?? [])];
}
