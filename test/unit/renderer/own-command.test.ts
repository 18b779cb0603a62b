import { describe, expect, test } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { emptyDraft, fromRequest, ownCardOf, ownDraft, toRequest } from '#renderer/state/experiment-draft.ts';
import { isWholePath, parametersText, placeOf, readParameters, titleFault } from '#renderer/state/own-command.ts';
import { rangeText, readTyped, settingRows, withValue } from '#renderer/state/setting-rows.ts';
import { readVariation } from '#renderer/state/vary-text.ts';

test('a run of another program says where on the disk it came from', () => {
  const imported = { tool: 'elliot' as const, name: 'a', hash: '', remarks: [] };
  expect(placeOf({ imported: { ...imported, source: 'C:\\logs\\rec.log:12' } })).toBe('C:\\logs\\rec.log');
  expect(placeOf({ imported: { ...imported, source: '/logs/run:b' } })).toBe('/logs/run:b');
  expect(placeOf({ external: { kind: 'command', title: 'Mine', command: 'python run.py', folder: '/code' } })).toBe('/code');
  const files = [{ role: 'lists' as const, path: '/out/lists.tsv' }];
  expect(placeOf({ external: { kind: 'import', title: 'Mine', form: 'lists', ids: 'inner', files } })).toBe('/out/lists.tsv');
  expect(placeOf({})).toBeUndefined();
});

describe('parameters as they are typed', () => {
  test('are a line each', () => {
    const values = { layers: 2, reg: 1e-4, encoder: 'resnet 50', warm: true };
    expect(readParameters('layers = 2\n\n# a remark\nreg=1e-4\n encoder : resnet 50\nwarm = true')).toEqual({ values });
    expect(readParameters(parametersText(values))).toEqual({ values });
    expect(readParameters('')).toEqual({ values: {} });
    // What follows the first sign is the value.
    expect(readParameters('url = a=b:c')).toEqual({ values: { url: 'a=b:c' } });
  });

  test.each([
    ['layers', /Line 1 wants name = value/],
    ['a = 1\n2x = 3', /Line 2: 2x cannot be a name/],
    ['a = 1\na = 2', /Line 2: a is there already/],
  ])('%j is refused with its line', (text, fault) => {
    expect(readParameters(text).fault).toMatch(fault);
  });
});

test('a title is needed, and is one of its experiment', () => {
  expect(titleFault(' ', [])).toBeDefined();
  expect(titleFault('x'.repeat(61), [])).toBeDefined();
  expect(titleFault('My MF', ['external-my-mf'])).toMatch(/has that name/);
  expect(titleFault('My MF', ['external-other'])).toBeUndefined();
});

test('paths are whole on any system', () => {
  for (const path of ['/a/b', String.raw`C:\a`, 'd:/a', String.raw`\\host\a`]) expect(isWholePath(path)).toBe(true);
  for (const path of ['', 'a/b', '~/a', './a']) expect(isWholePath(path)).toBe(false);
});

describe('a draft with a command', () => {
  const external = { kind: 'command', title: 'Mine', command: 'python a.py', folder: '/work' } as const;
  const choice = ownDraft(external, { layers: 2, encoder: 'resnet' });
  const card = ownCardOf(choice)!;

  test('is sent with all its parameters, changed ones as they are now, and comes back the same', () => {
    const changed = withValue(card, choice, 'layers', 3);
    const draft = { ...emptyDraft, datasets: ['demo'], models: [changed] };
    const request = toRequest(draft, 'name')!;
    expect(request.models).toEqual([{ model: 'external-mine', external, values: { layers: 3, encoder: 'resnet' }, vary: {} }]);
    expect(toRequest(fromRequest(request), 'name')!.models).toEqual(request.models);
    // Set back to what was given, the parameter stays.
    const back = toRequest({ ...draft, models: [withValue(card, changed, 'layers', 2)] }, 'name') as ExperimentRequest;
    expect(back.models[0]!.values).toEqual({ layers: 2, encoder: 'resnet' });
  });

  test('has its parameters as settings of any value', () => {
    expect(settingRows(card, choice).map(({ key, value }) => [key, value])).toEqual([
      ['layers', 2],
      ['encoder', 'resnet'],
    ]);
    const { layers, encoder } = card.hyper;
    expect([rangeText(layers!), rangeText(encoder!)]).toEqual(['any number', 'any text']);
    expect(readTyped(encoder!, '12')).toEqual({ value: '12' });
    expect(readVariation(encoder!, 'resnet, up to 50').values).toEqual(['resnet', 'up to 50']);
  });
});
