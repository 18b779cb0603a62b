import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { acceleratorOf, chordSchema, keysText } from '#contract/keys.ts';
import { bindingsOf, conflictOf, rebound, refusalOf, shortcutIds, shortcuts, swapped } from '#contract/shortcuts.ts';
import { settingsSchema } from '#contract/view.ts';

describe('the usual keys', () => {
  test.each(['desktop', 'browser'] as const)('no two commands of %s stand in each other’s way, and no keys are refused', (shell) => {
    const bindings = bindingsOf({}, shell);
    for (const id of shortcutIds)
      for (const chord of bindings[id]) {
        expect(v.is(chordSchema, chord), chord).toBe(true);
        expect([id, chord, conflictOf(bindings, id, chord)]).toEqual([id, chord, undefined]);
        expect([id, refusalOf(chord, shell)]).toEqual([id, undefined]);
      }
  });

  test('every command has keys in both shells; a browser keeps some for its tabs', () => {
    for (const shell of ['desktop', 'browser'] as const)
      for (const id of shortcutIds) expect([id, bindingsOf({}, shell)[id].length > 0]).toEqual([id, true]);
    expect(bindingsOf({}, 'browser')['go.runs']).toEqual(['Alt+Digit4']);
    expect(refusalOf('Ctrl+KeyN', 'browser')).toMatch(/^The browser keeps Ctrl\+N/);
    expect(refusalOf('Ctrl+KeyN', 'desktop')).toBeUndefined();
    expect(refusalOf('Ctrl+KeyC', 'desktop')).toMatch(/Ctrl\+C works inside every control/);
    expect(refusalOf('Tab', 'desktop')).toBeDefined();
  });
});

describe('changed keys', () => {
  test('replace the usual ones, and are forgotten once they are the usual ones again', () => {
    const changed = rebound({}, 'rail', ['Ctrl+KeyJ']);
    expect(changed).toEqual({ rail: ['Ctrl+KeyJ'] });
    expect(bindingsOf(changed, 'desktop').rail).toEqual(['Ctrl+KeyJ']);
    expect(rebound(changed, 'rail', shortcuts.rail.keys)).toEqual({});
    expect(bindingsOf(rebound({}, 'rail', []), 'desktop').rail).toEqual([]);
  });

  test('a conflict is with what listens at the same place or everywhere', () => {
    const bindings = bindingsOf({}, 'desktop');
    expect(conflictOf(bindings, 'rail', 'Ctrl+KeyE')).toBe('export');
    expect(conflictOf(bindings, 'row.trash', 'Ctrl+KeyE')).toBe('export');
    expect(conflictOf(bindings, 'rail', 'Delete')).toBe('row.trash');
    // A table and a chart are never asked at once.
    expect(conflictOf(bindings, 'chart.table', 'Space')).toBeUndefined();
    expect(conflictOf(bindings, 'rail', 'Ctrl+KeyB')).toBeUndefined();
  });

  test('swapping leaves both with keys of their own', () => {
    const changed = swapped({}, 'desktop', 'rail', 'Ctrl+KeyE');
    const bindings = bindingsOf(changed, 'desktop');
    expect([bindings.rail, bindings.export]).toEqual([['Ctrl+KeyE'], ['Ctrl+KeyB']]);
    // Back again is as it was.
    expect(swapped(changed, 'desktop', 'rail', 'Ctrl+KeyB')).toEqual({});
  });

  test('what a swap would put in a third command’s way is left out', () => {
    // "Select" has Space in the table; what listens everywhere may not have it.
    const changed = swapped({ 'chart.table': ['Space'] }, 'desktop', 'row.select', 'Ctrl+KeyE');
    const bindings = bindingsOf(changed, 'desktop');
    expect(bindings['row.select']).toEqual(['Ctrl+KeyE']);
    expect(bindings.export).toEqual([]);
    for (const id of shortcutIds) for (const chord of bindings[id]) expect(conflictOf(bindings, id, chord)).toBeUndefined();
  });

  test('are settings; ids of another version stay and do nothing', () => {
    const parsed = v.parse(settingsSchema, { shortcuts: { rail: ['Ctrl+KeyJ'], 'not.known': ['F9'] } });
    expect(parsed.shortcuts).toEqual({ rail: ['Ctrl+KeyJ'], 'not.known': ['F9'] });
    expect(Object.keys(bindingsOf(parsed.shortcuts, 'desktop'))).toEqual(shortcutIds);
    expect(v.is(settingsSchema, { shortcuts: { rail: ['Ctrl+'] } })).toBe(false);
  });
});

test('chords as people and as Electron write them', () => {
  expect(['Ctrl+Shift+KeyZ', 'Alt+ArrowUp', 'Ctrl+Comma', 'Delete', 'F6', 'Space', 'Ctrl+Digit3'].map(keysText)).toEqual([
    'Ctrl+Shift+Z',
    'Alt+↑',
    'Ctrl+,',
    'Del',
    'F6',
    'Space',
    'Ctrl+3',
  ]);
  expect(['Ctrl+Shift+KeyZ', 'Alt+ArrowUp', 'Ctrl+Comma', 'Ctrl+IntlBackslash'].map(acceleratorOf)).toEqual([
    'CmdOrCtrl+Shift+Z',
    'Alt+Up',
    'CmdOrCtrl+,',
    undefined,
  ]);
});
