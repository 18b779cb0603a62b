import { describe, expect, test } from 'vitest';
import { marked, search, wordsOf, type PaletteGroup } from '#renderer/state/palette.ts';

const entry = (label: string, hint?: string) => ({ id: label, label, ...(hint === undefined ? {} : { hint }), run: () => undefined });
const groups: PaletteGroup[] = [
  {
    id: 'commands',
    title: 'Commands',
    entries: [entry('Unfreeze view'), entry('Freeze selection', 'of Item block'), entry('Export table')],
  },
  { id: 'runs', title: 'Runs', isFiltered: true, note: '36, newest first', entries: [entry('EGRA on Demo, seed 1')] },
];

describe('the palette', () => {
  test('puts what starts with the words first and drops what lacks one of them', () => {
    const [found] = search(groups, 'free', 6);
    expect(found!.entries.map(({ label }) => label)).toEqual(['Freeze selection', 'Unfreeze view']);
    expect(found!.note).toBe('2');
    expect(search(groups, 'freeze item', 6)[0]!.entries.map(({ label }) => label)).toEqual(['Freeze selection']);
  });

  test('leaves what the studio filtered as it came', () => {
    expect(search(groups, 'zzz', 6).map(({ id, note }) => ({ id, note }))).toEqual([{ id: 'runs', note: '36, newest first' }]);
  });

  test('marks the matched letters, whatever their case', () => {
    expect(marked('FREEDOM', wordsOf(' free '))).toEqual([
      { text: 'FREE', hit: true },
      { text: 'DOM', hit: false },
    ]);
  });
});
