import { describe, expect, it } from 'vitest';
import { readVariation, variationText } from '#renderer/state/vary-text.ts';
import { egraCard, lightgcnCard } from './cards.ts';

const k = egraCard.hyper.ii_k!;
const tau = egraCard.hyper.tau!;
const reg = lightgcnCard.hyper.reg_weight!;

describe('values of a sweep', () => {
  it('are a list, repeats dropped', () => {
    expect(readVariation(k, '5, 10 , 20, 10').values).toEqual([5, 10, 20]);
    expect(readVariation(egraCard.hyper.ii_sym!, 'max, none').values).toEqual(['max', 'none']);
    expect(readVariation(egraCard.hyper.feat_trainable!, 'on, off').values).toEqual([true, false]);
  });

  it('are a range by steps or by number', () => {
    expect(readVariation(k, '5 to 20 by 5').values).toEqual([5, 10, 15, 20]);
    expect(readVariation(k, '2..4').values).toEqual([2, 3, 4]);
    expect(readVariation(tau, '0.1 to 0.5 in 5').values).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('are a range on a logarithmic scale', () => {
    expect(readVariation(reg, '1e-4 to 1e-1 log').values).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
    expect(readVariation(reg, '1e-4 to 1e-2 log 5').values).toEqual([1e-4, 0.000316228, 1e-3, 0.00316228, 1e-2]);
    expect(readVariation(tau, '0.1 to 1 log 2').values).toEqual([0.1, 1]);
  });

  it('say what is wrong', () => {
    expect(readVariation(k, '').fault).toContain('5, 10, 20');
    expect(readVariation(k, '0, 5').fault).toContain('at least 1');
    expect(readVariation(k, '10 to 5').fault).toContain('Cannot read');
    expect(readVariation(k, '5 to 20 by 0').fault).toContain('above 0');
    expect(readVariation(reg, '0 to 1 log 3').fault).toContain('starts above 0');
    expect(readVariation(k, '1 to 100').fault).toContain('2 to 50');
    expect(readVariation(k, '99 to 103').fault).toContain('at most 100');
  });

  it('are written back as typed', () => {
    expect(variationText([1e-4, 0.5])).toBe('1e-4, 0.5');
    expect(readVariation(reg, variationText([1e-4, 1e-3])).values).toEqual([1e-4, 1e-3]);
  });
});
