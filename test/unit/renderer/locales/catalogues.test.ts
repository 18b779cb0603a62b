import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { messagesOf, placesOf, readCatalogue, type Catalogue } from '#test/locales/catalogues.ts';
import { studioMessages } from '#test/locales/studio.ts';

const root = resolve(import.meta.dirname, '../../../..');
const mend = 'run `npm run locales`, then write what it prints as missing into renderer/locales/zh.json';

/** Said alike in both languages, but for a sign. */
const names: ReadonlySet<string> = new Set(['PNG, 300 dpi', 'Friedman χ² {0}, p {1}', 'LaTeX, booktabs', 'GPU (webgpu)']);

describe('the catalogues', () => {
  let messages: ReadonlyMap<string, readonly string[]>;
  let english: Catalogue;
  let chinese: Catalogue;

  beforeAll(() => {
    messages = messagesOf(root);
    english = readCatalogue(root, 'en');
    chinese = readCatalogue(root, 'zh');
  });

  it('hold every message of the source', () => {
    const where = (key: string) => `${key}  (${messages.get(key)?.join(', ')})`;
    expect([...messages.keys()].filter((key) => english[key] === undefined).map(where), mend).toEqual([]);
    expect([...messages.keys()].filter((key) => (chinese[key] ?? '') === '').map(where), mend).toEqual([]);
  });

  it('hold nothing that the source no longer says', () => {
    expect(
      [...Object.keys(english), ...Object.keys(chinese)].filter((key) => !messages.has(key)),
      mend,
    ).toEqual([]);
  });

  it('have the same places for values, and elements in the same order', () => {
    const wrong = Object.entries(chinese).filter(([key, text]) => text !== '' && placesOf(key).join() !== placesOf(text).join());
    expect(wrong, 'values {0} may move, none may be left out; elements <0/> keep their order').toEqual([]);
  });

  it('leave nothing in English but what renderer/locales/build/as-is.ts names', () => {
    expect(Object.keys(chinese).filter((key) => chinese[key] === key)).toEqual([]);
    const latin = Object.entries(chinese).filter(([, text]) => text !== '' && !/\p{Script=Han}/u.test(text));
    // Nothing but places, signs, small words between values, and these names has no Chinese character.
    const plain = latin.map(([key]) => key).filter((key) => /\p{L}{3}/u.test(key.replace(/\{\d+\}|\b(?:and|seed)\b/g, '')));
    expect(plain.filter((key) => !names.has(key))).toEqual([]);
  });

  it('are found in a source of some size, so that a broken search does not pass for a small one', () => {
    expect(messages.size).toBeGreaterThan(1500);
  });
});

describe('the catalogue of what the studio says', () => {
  const mendStudio = 'run `npm run locales`, then write what it prints as missing into renderer/locales/studio.zh.json';
  let sentences: ReadonlyMap<string, readonly string[]>;
  let chinese: Catalogue;

  beforeAll(() => {
    sentences = studioMessages(root);
    chinese = readCatalogue(root, 'studio');
  });

  it('holds every sentence of main and of the cards, and nothing else', () => {
    const missing = [...sentences.keys()].filter((key) => (chinese[key] ?? '') === '');
    expect(
      missing.map((key) => `${key}  (${sentences.get(key)?.join(', ')})`),
      mendStudio,
    ).toEqual([]);
    expect(
      Object.keys(chinese).filter((key) => !sentences.has(key)),
      mendStudio,
    ).toEqual([]);
  });

  it('has the same places for values, but for the s of a plural', () => {
    const needed = (key: string) => placesOf(key.replace(/(?<=\p{L})\{\d+\}/gu, '')).join();
    const wrong = Object.entries(chinese).filter(
      ([key, text]) => needed(key) !== placesOf(text).join() && placesOf(key).join() !== placesOf(text).join(),
    );
    expect(wrong, 'values {0} may move, none may be left out').toEqual([]);
  });

  it('leaves nothing in English but names', () => {
    const latin = Object.entries(chinese).filter(([, text]) => !/\p{Script=Han}/u.test(text));
    expect(
      latin
        .map(([key]) => key)
        .filter((key) =>
          /\p{L}{2}/u.test(
            key.replace(/\{\d+\}|sha256|MiB|GB|CUDA|gzip|manifest\.json|TensorFlow|WebGPU|^Id$|\b(?:on|of|by)\b|models\.md|arXiv/g, ''),
          ),
        ),
    ).toEqual([]);
  });

  it('is found in a source of some size', () => {
    expect(sentences.size).toBeGreaterThan(1800);
  });
});

describe('the glossary', () => {
  const glossary = JSON.parse(readFileSync(resolve(root, 'renderer/locales/glossary.json'), 'utf8')) as Readonly<
    Record<string, readonly string[]>
  >;
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

  it.each(Object.entries(glossary))('is kept to: %s is %s', (term, words) => {
    // Names such as recall@20 or train.tsv are code, and what a translation quotes as it is written.
    const said = new RegExp(`(?<![\\w.@-])${escaped(term)}s?(?![\\w@-])`, 'i');
    const wrong = (['zh', 'studio'] as const).flatMap((name) =>
      Object.entries(readCatalogue(root, name)).filter(
        ([english, chinese]) =>
          said.test(english) && !words.some((word) => chinese.includes(word)) && !chinese.toLowerCase().includes(term.toLowerCase()),
      ),
    );
    expect(wrong, 'write the usual term, or add another to renderer/locales/glossary.json').toEqual([]);
  });
});
