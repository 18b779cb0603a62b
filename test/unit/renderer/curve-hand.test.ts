import { describe, expect, it, vi } from 'vitest';
import { CurveHand } from '#renderer/state/curve-hand.svelte.ts';

const press = (key: string, keys: Partial<KeyboardEvent> = {}) =>
  ({ key, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, preventDefault: vi.fn(), ...keys }) as unknown as KeyboardEvent;
const epochs = { at: 4, last: 86, valueAt: (place: number) => place + 1 };

describe('curves set by hand', () => {
  it('hides a curve and brings it back, and the one alone is no longer alone when hidden', () => {
    const hand = new CurveHand();
    hand.solo = 'a';
    expect([hand.shows('a'), hand.shows('b')]).toEqual([true, false]);
    hand.toggle('a');
    expect([hand.shows('a'), hand.shows('b')]).toEqual([false, true]);
    hand.toggle('b');
    hand.showAll();
    expect([hand.shows('a'), hand.shows('b')]).toEqual([true, true]);
  });

  it('moves the cross-hair by keys, and says so until the focus leaves', () => {
    const hand = new CurveHand();
    hand.walk(press('ArrowRight'), epochs);
    expect([hand.cursor, hand.isWalking]).toEqual([6, true]);
    hand.walk(press('ArrowLeft', { shiftKey: true }), epochs);
    expect(hand.cursor).toBe(1);
    hand.leave();
    expect(hand.isWalking).toBe(false);
  });

  it('shows all where the one alone is gone, and goes on showing one that is there', () => {
    const hand = new CurveHand();
    hand.solo = 'a';
    hand.settle(['a', 'b']);
    expect(hand.shows('b')).toBe(false);
    hand.settle(['b', 'c']);
    expect([hand.shows('b'), hand.shows('c')]).toEqual([true, true]);
  });

  it('leaves other keys and those of commands alone', () => {
    const hand = new CurveHand();
    for (const event of [press('h'), press('ArrowRight', { altKey: true })]) {
      hand.walk(event, epochs);
      expect(event.preventDefault).not.toHaveBeenCalled();
    }
    expect([hand.cursor, hand.isWalking]).toEqual([undefined, false]);
  });
});
