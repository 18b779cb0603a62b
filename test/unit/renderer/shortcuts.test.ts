import { describe, expect, test } from 'vitest';
import { bindingsOf, commandOf } from '#contract/shortcuts.ts';
import { pressedChord, type KeyPress } from '#renderer/state/shortcuts.ts';

const press = (code: string, more: Partial<KeyPress> = {}): KeyPress => ({
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  isComposing: false,
  target: null,
  ...more,
});
const field = { tagName: 'INPUT', type: 'text' } as unknown as EventTarget;
const tick = { tagName: 'INPUT', type: 'checkbox' } as unknown as EventTarget;

const bindings = bindingsOf({}, 'desktop');
const meant = (event: KeyPress) => {
  const chord = pressedChord(event);
  return chord === undefined ? undefined : commandOf(bindings, chord);
};

describe('shortcuts', () => {
  test.each([
    [press('Digit1', { ctrlKey: true }), 'go.datasets'],
    [press('Numpad6', { ctrlKey: true }), 'go.recommendations'],
    [press('Digit8', { altKey: true }), 'go.settings'],
    [press('KeyN', { ctrlKey: true }), 'experiment.new'],
    [press('KeyO', { metaKey: true }), 'dataset.import'],
    [press('Comma', { ctrlKey: true }), 'go.settings'],
    [press('KeyB', { ctrlKey: true }), 'rail'],
    [press('KeyK', { ctrlKey: true }), 'palette'],
    [press('KeyZ', { ctrlKey: true, shiftKey: true }), 'redo'],
    [press('F6'), 'region.next'],
    [press('F6', { shiftKey: true }), 'region.previous'],
    [press('F2', { target: field }), 'rename'],
    [press('ArrowLeft', { altKey: true }), 'back'],
    [press('ArrowRight', { altKey: true }), 'forward'],
  ])('%j does %s', (given, id) => {
    expect(meant(given)).toBe(id);
  });

  test('an input method and a text field keep their keys', () => {
    expect(meant(press('KeyK', { ctrlKey: true, isComposing: true }))).toBeUndefined();
    expect(meant(press('KeyK', { ctrlKey: true, target: field }))).toBe('palette');
    expect(meant(press('KeyZ', { ctrlKey: true, target: field }))).toBeUndefined();
    expect(meant(press('KeyZ', { ctrlKey: true, target: tick }))).toBe('undo');
    // Word by word on a Mac.
    expect(meant(press('ArrowLeft', { altKey: true, target: field }))).toBeUndefined();
    expect(pressedChord(press('KeyT', { target: field }))).toBeUndefined();
    expect(pressedChord(press('Slash', { target: field }))).toBeUndefined();
    expect(pressedChord(press('KeyT'))).toBe('KeyT');
  });

  test('plain letters, modifiers alone and AltGr characters do nothing everywhere', () => {
    expect(meant(press('KeyK'))).toBeUndefined();
    expect(meant(press('ControlLeft', { ctrlKey: true }))).toBeUndefined();
    expect(meant(press('Digit2', { ctrlKey: true, altKey: true }))).toBeUndefined();
    expect(meant(press('Digit9', { ctrlKey: true }))).toBeUndefined();
  });
});
