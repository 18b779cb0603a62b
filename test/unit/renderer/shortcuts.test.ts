import { describe, expect, test } from 'vitest';
import { keysIn, shellAction, type KeyPress } from '#renderer/state/shortcuts.ts';

const press = (code: string, more: Partial<KeyPress> = {}): KeyPress => ({
  code,
  ctrl: false,
  shift: false,
  alt: false,
  composing: false,
  inText: false,
  ...more,
});

describe('shortcuts', () => {
  test.each([
    [press('Digit1', { ctrl: true }), { type: 'screen', screen: 'datasets' }],
    [press('Digit6', { ctrl: true }), { type: 'screen', screen: 'recommendations' }],
    [press('Digit8', { alt: true }), { type: 'screen', screen: 'settings' }],
    [press('KeyN', { ctrl: true }), { type: 'screen', screen: 'new' }],
    [press('KeyO', { ctrl: true }), { type: 'import' }],
    [press('Comma', { ctrl: true }), { type: 'screen', screen: 'settings' }],
    [press('KeyB', { ctrl: true }), { type: 'rail' }],
    [press('KeyK', { ctrl: true }), { type: 'palette' }],
    [press('F6'), { type: 'next-region' }],
    [press('F6', { shift: true }), { type: 'previous-region' }],
  ])('%j does %j', (given, action) => {
    expect(shellAction(given)).toEqual(action);
  });

  test('an input method and a text field keep their keys', () => {
    expect(shellAction(press('KeyK', { ctrl: true, composing: true }))).toBeUndefined();
    expect(shellAction(press('KeyZ', { ctrl: true, inText: true }))).toBeUndefined();
    expect(shellAction(press('KeyZ', { ctrl: true }))).toEqual({ type: 'undo' });
  });

  test('plain letters and AltGr characters do nothing', () => {
    expect(shellAction(press('KeyK'))).toBeUndefined();
    expect(shellAction(press('Digit2', { ctrl: true, alt: true }))).toBeUndefined();
    expect(shellAction(press('Digit9', { ctrl: true }))).toBeUndefined();
  });
});

test('keys are written as the shell takes them', () => {
  expect(['Ctrl+3', 'Ctrl+N', 'Ctrl+,'].map((keys) => keysIn('browser', keys))).toEqual(['Alt+3', 'Alt+N', 'Ctrl+,']);
  expect(keysIn('desktop', 'Ctrl+3')).toBe('Ctrl+3');
});
