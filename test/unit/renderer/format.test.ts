import { describe, expect, test } from 'vitest';
import { toneOf } from '#renderer/components/difference-tone.ts';
import { words } from '#renderer/locales/en-datasets.ts';
import { about, bytes, count, counted, duration, percent, range, signed } from '#renderer/locales/format.ts';

describe('numbers on screen', () => {
  test('counts carry thousands and their word', () => {
    expect(count(19445)).toBe('19,445');
    expect(counted(1, 'run')).toBe('1 run');
    expect(counted(0, 'run')).toBe('0 runs');
  });

  test('a median between two counts is not rounded to one of them', () => {
    expect(words.spread({ median: 9.5, min: 2, max: 15 })).toBe('median 9.5, from 2 to 15');
    expect(words.spread({ median: 1204, min: 0, max: 1300 })).toBe('median 1,204, from 0 to 1,300');
  });

  test('differences are signed with a true minus, and nothing is plain 0', () => {
    expect(signed(0.00461)).toBe('+0.0046');
    expect(signed(-0.0008)).toBe('−0.0008');
    // What reads 0 is neither better nor worse.
    expect([toneOf(0.0008), toneOf(-0.0008), toneOf(0.00001), toneOf(-0.04, 1)]).toEqual(['ok', 'bad', undefined, undefined]);
    expect(signed(-0.00001)).toBe('0');
  });

  test('small densities keep digits that say something', () => {
    expect(percent(0.0235)).toBe('2.35 %');
    expect(percent(0.00035)).toBe('0.035 %');
    expect(percent(0.0000012)).toBe('0.00012 %');
    expect(percent(0)).toBe('0.00 %');
  });

  test('sizes are decimal', () => {
    expect([999, 1000, 3_400_000, 412e9, 99_950, 999_400, 999_950].map(bytes)).toEqual([
      '999 B',
      '1.0 kB',
      '3.4 MB',
      '412 GB',
      '100 kB',
      '999 kB',
      '1.0 MB',
    ]);
  });

  test('measured times', () => {
    expect([3.21, 34.4, 68, 10_630].map(duration)).toEqual(['3.2 s', '34 s', '1:08', '2:57:10']);
    expect([0, 0.00043, 0.0173, 0.0946, 0.096].map(duration)).toEqual(['0.0 s', '0.43 ms', '17 ms', '95 ms', '0.1 s']);
  });

  test('estimates are as exact as they deserve', () => {
    expect([3, 22, 57, 250, 5400, 11_400, 40_000].map((seconds) => about(seconds))).toEqual([
      'about 5 s',
      'about 20 s',
      'about 1 min',
      'about 4 min',
      'about 90 min',
      'about 3 h 10 min',
      'about 11 h',
    ]);
    expect(about({ seconds: 9, low: 9, high: 9, basis: 'estimating' })).toBe('estimating');
    expect(range({ seconds: 240, low: 180, high: 420, basis: 'from 12 past runs' })).toBe('3 min to 7 min, from 12 past runs');
  });
});
