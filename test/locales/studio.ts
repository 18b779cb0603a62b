import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'vite';
import type { ModelCard } from '#contract/model-card.ts';
import { cards } from '#models/cards.ts';
import { staysAsItIs } from '#renderer/locales/build/as-is.ts';
import { keyOf, messagesIn } from '#renderer/locales/build/scripts.ts';
import {
  alsoSaid,
  isFreelySpoken,
  isSaidByTheStudio,
  isStudioWordFile,
  saidByTheStudio,
  speaksFromTheStudio,
} from '#renderer/locales/build/studio-sources.ts';
import type { Node } from '#renderer/locales/build/tree.ts';

/** Is it more than names of papers, places in them and datasets? */
const isSentence = (text: string | undefined) => /(?<![\p{L}.])\p{Ll}{2}/u.test((text ?? '').replace('models.md', ''));

/** The same in every language. */
const names = /^(?:(?:Baby|Sports|Clothing|TikTok|Electronics|PageRank|Dropout|egra|EGRA)(?:, )?)+$/;

/** What a model's card says in sentences; names of models, papers and symbols are the same in every language. */
export function textsOf(card: ModelCard): readonly string[] {
  return [
    ...[card.summary, card.assumes, card.provenance],
    ...card.stages.map(({ gives }) => gives),
    ...Object.values(card.hyper).flatMap(({ label, group, help, published, reading }) => [label, group, help, published, reading]),
    ...[...Object.values(card.hyper).map(({ source }) => source), ...card.presets.map(({ from }) => from)].filter(isSentence),
    ...card.presets.map(({ title }) => title),
    ...card.ablations.map(({ title }) => title),
  ].flatMap((text) => (text === undefined || !/\p{Ll}{2}/u.test(text) || names.test(text) ? [] : [text]));
}

/** Every sentence that the studio says to the page, with the files that say it. `root` is the repository. */
export function studioMessages(root: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const add = (key: string, path: string) => {
    const files = found.get(key) ?? [];
    if (!files.includes(path)) files.push(path);
    found.set(key, files);
  };
  for (const folder of ['main', 'preload/contract']) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    );
    for (const path of names.filter(speaksFromTheStudio).sort()) {
      const program = parseAst(readFileSync(join(root, path), 'utf8'), { lang: 'ts' }) as unknown as Node;
      const isWord = (key: string) => isSaidByTheStudio(key) && !staysAsItIs(path, key);
      for (const { parts } of messagesIn(program, {
        isWordFile: isStudioWordFile(path),
        isWord,
        said: saidByTheStudio,
        isFree: isFreelySpoken(path),
      }))
        add(keyOf(parts), path);
    }
  }
  for (const [path, words] of Object.entries(alsoSaid)) for (const word of words) add(word, path);
  for (const card of cards) for (const text of textsOf(card)) add(text, `the card of ${card.title}`);
  return found;
}
