import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contrast, dark, distinct, leastDistance, light, system } from './tokens.ts';

const themes = [
  { name: 'light', tokens: light },
  { name: 'dark', tokens: dark },
];

describe.each(themes)('the $name theme', ({ tokens }) => {
  test.each(Array.from({ length: 12 }, (_, index) => `series-${index + 1}`))('%s stands out from every surface a chart lies on', (name) => {
    for (const ground of ['surface', 'raised', 'paper'])
      expect(contrast(tokens[name]!, tokens[ground]!), `${name} on ${ground}`).toBeGreaterThanOrEqual(3);
  });

  test.each(['ink', 'ink-2', 'ink-3'])('%s is readable on every ground text stands on', (name) => {
    for (const ground of ['paper', 'surface', 'raised', 'wash', 'hover', 'mark-wash', 'ok-wash', 'warn-wash', 'bad-wash']) {
      expect(contrast(tokens[name]!, tokens[ground]!), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each([
    ['accent', 'wash'],
    ['mark', 'mark-wash'],
    ['ok', 'ok-wash'],
    ['warn', 'warn-wash'],
    ['bad', 'bad-wash'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-hover'],
  ])('%s is readable on %s', (text, ground) => {
    expect(contrast(tokens[text]!, tokens[ground]!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['accent', 'mark', 'ok', 'warn', 'bad'])('%s is readable on paper, surface and raised', (name) => {
    for (const ground of ['paper', 'surface', 'raised'])
      expect(contrast(tokens[name]!, tokens[ground]!), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test('borders of controls can be seen', () => {
    for (const ground of ['paper', 'surface', 'raised'])
      expect(contrast(tokens['control-line']!, tokens[ground]!)).toBeGreaterThanOrEqual(3);
  });
});

describe('colours of models for any colour vision', () => {
  test.each([
    { name: 'light', tokens: distinct.light, theme: light },
    { name: 'dark', tokens: distinct.dark, theme: dark },
  ])('$name: any two differ for everybody, and each stands out from its ground', ({ tokens, theme }) => {
    const colours = Object.values(tokens);
    expect(Object.keys(tokens)).toEqual(Array.from({ length: 12 }, (_, index) => `series-${index + 1}`));
    expect(leastDistance(colours)).toBeGreaterThan(20);
    for (const colour of colours)
      for (const ground of ['surface', 'raised', 'paper']) expect(contrast(colour, theme[ground]!)).toBeGreaterThanOrEqual(3);
  });

  test('the usual twelve do not: that is why there are others', () => {
    expect(leastDistance(Array.from({ length: 12 }, (_, index) => light[`series-${index + 1}`]!))).toBeLessThan(5);
  });

  test('a dark system has those of the dark theme', () => expect(distinct.system).toEqual(distinct.dark));
});

test('the dark theme is the same whether chosen or followed from the system', () => {
  expect(system).toEqual(dark);
});

test('both themes define the same colours', () => {
  const colours = Object.keys(light).filter((name) => light[name]!.startsWith('#') && name in dark);
  expect(
    Object.keys(dark)
      .filter((name) => dark[name]!.startsWith('#'))
      .sort(),
  ).toEqual(colours.sort());
});

test('no style mixes colours: the oldest page that is tested leaves such a rule out', () => {
  const folder = 'renderer';
  const styled = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:css|svelte)$/.test(file));
  expect(styled.length).toBeGreaterThan(200);
  const mixing = styled.filter((file) => readFileSync(join(folder, file), 'utf8').includes('color-mix('));
  expect(mixing).toEqual([]);
});
