import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { messagesOf, placesOf, readCatalogue, type Catalogue } from '#test/locales/catalogues.ts';

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
