import { afterEach, describe, expect, it, vi } from 'vitest';
import { speak } from '#renderer/locales/language.svelte.ts';
import { placedProblemText, problemText } from '#renderer/locales/problem-text.ts';
import { formulaFault } from '#renderer/state/formula-fault.ts';

vi.stubGlobal('document', { documentElement: { lang: 'en' } });

describe('a problem in one line', () => {
  afterEach(() => speak('en'));

  it('is sentences, whether or not the studio ended them', () => {
    expect(problemText({ message: 'There is no run r-9', fix: 'The list of runs has the ids' })).toBe(
      'There is no run r-9. The list of runs has the ids.',
    );
    expect(problemText({ message: 'The file holds no interaction.', fix: 'Choose another one.' })).toBe(
      'The file holds no interaction. Choose another one.',
    );
    expect(problemText({ message: 'The disk is full' })).toBe('The disk is full.');
  });

  it('names the place in what was typed, and none where there is none', () => {
    expect(placedProblemText({ where: 'filter, character 3', message: 'an odd sign', fix: 'Take it away' })).toBe(
      'Character 3: an odd sign. Take it away.',
    );
    expect(placedProblemText({ message: 'Nothing is there' })).toBe('Nothing is there.');
    expect(formulaFault('val.recall@20 +')).toMatch(/^Character 16: .+\.$/);
  });

  it('is said in the language of the page', async () => {
    await speak('zh');
    expect(placedProblemText({ where: 'formula, character 3', message: 'The file holds no interaction.' })).toMatch(
      /^公式，第 3 个字符：.+。$/,
    );
  });
});
