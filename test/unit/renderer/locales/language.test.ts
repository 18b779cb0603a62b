import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, date, joined, listed, range, sentence, sentences } from '#renderer/locales/format.ts';
import { again, heard, inEnglish, m, pieces, speak, t } from '#renderer/locales/language.svelte.ts';
import { pseudo } from '#renderer/locales/pseudo.ts';

vi.stubGlobal('document', { documentElement: { lang: 'en' } });

afterEach(() => speak('en'));

describe('a look-up', () => {
  it('gives back the English itself, values as they were written', () => {
    expect(t`${undefined} of ${3} runs`).toBe('undefined of 3 runs');
    expect(m`${undefined} of ${3} runs`).toBe(' of 3 runs');
    expect(pieces`In ${'a'} <0/>, on <1/>.`).toEqual(['In a', ', on', '.']);
  });

  it('gives the Chinese where there is one, else the English', async () => {
    await speak('zh');
    expect(t`Settings`).toBe('设置');
    expect(m`${3} of ${4} runs finished`).toBe('4 次运行中 3 次已完成');
    expect(t`Never said on any screen`).toBe('Never said on any screen');
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  it('counts and dates in the language of the page', async () => {
    expect(counted(1, 'run')).toBe('1 run');
    expect(counted(2, 'run')).toBe('2 runs');
    const at = new Date(2026, 10, 21, 9, 5).getTime();
    expect(date(at)).toBe('21 Nov 2026, 09:05');
    await speak('zh');
    expect(counted(1, 'run')).toBe('1 次运行');
    expect(date(at)).toBe('2026年11月21日 09:05');
  });

  it('says what an estimate rests on, and what a machine is, in the language of the page', async () => {
    const estimate = { seconds: 30, low: 20, high: 45, basis: 'from this machine’s speed' };
    const machine = 'AMD EPYC, 4 cores, 25.3 GB, no graphics processor seen';
    expect(range(estimate)).toBe('20 s to 45 s, from this machine’s speed');
    expect(heard(machine)).toBe(machine);
    await speak('zh');
    expect(range(estimate)).toMatch(/来自本机的速度$/);
    expect(range({ ...estimate, basis: 'estimating' })).not.toMatch(/45/);
    expect(heard(machine)).toBe('AMD EPYC、4 个核心、25.3 GB、没有发现图形处理器');
  });

  it('makes tables again, and all in English for a file', async () => {
    let words = { settings: '' };
    again(() => (words = { settings: t`Settings` }));
    expect(words.settings).toBe('Settings');
    await speak('zh');
    expect(words.settings).toBe('设置');
    expect(inEnglish(() => [words.settings, t`Export`, counted(2, 'run')])).toEqual(['Settings', 'Export', '2 runs']);
    expect(words.settings).toBe('设置');
  });
});

describe('the pseudo-locale', () => {
  it('brackets, accents and lengthens words and leaves places as they are', () => {
    expect(pseudo('Saved')).toMatch(/^⟦Šávéd o*⟧$/);
    const long = 'Every run you ever start is kept here';
    expect(pseudo(long).length).toBeGreaterThanOrEqual(long.length * 1.4);
    expect(pseudo('In <0/> of {0}.')).toMatch(/^⟦Íñ o*⟧?.*<0\/>⟦ óf \{0\}\..*⟧$/);
  });
});

describe('words in a row', () => {
  it('are set apart by the marks of the language', async () => {
    const said = () => [joined(['a', 'b']), listed(['a', 'b']), sentence(['a', 'b']), sentences(['A.', 'B.'])];
    expect(said()).toEqual(['a, b', 'a, b', 'a, b.', 'A. B.']);
    await speak('zh');
    expect(said()).toEqual(['a，b', 'a、b', 'a，b。', 'A.B.']);
  });
});
