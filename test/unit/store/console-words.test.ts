import { describe, expect, it } from 'vitest';
import { consoleWords } from '#store/console-words.ts';

const epoch = {
  type: 'epochFinished' as const,
  stage: 'train',
  epoch: 42,
  loss: 9.3129,
  terms: {},
  learningRate: 1e-3,
  trainSeconds: 5.8,
  evaluationSeconds: 0.3,
  validation: { 'recall@20': 0.06123 },
  bestEpoch: 33,
  bestValue: 0.0631,
  misses: 9,
};

describe('the console line of an event', () => {
  it('tells an epoch with loss, validation and time, and marks a new best', () => {
    expect(consoleWords(epoch)).toEqual({ level: 'info', by: 'studio', text: 'epoch 42 loss 9.313 recall@20 0.0612 6.1 s' });
    expect(consoleWords({ ...epoch, bestEpoch: 42 })?.text).toMatch(/ best$/);
  });

  it('tells stages, where they go on and where they were reused', () => {
    expect(consoleWords({ type: 'stageStarted', stage: 'train', model: 'egra', fromEpoch: 0 })?.text).toBe('stage train (egra) begins');
    expect(consoleWords({ type: 'stageStarted', stage: 'train', model: 'egra', fromEpoch: 7 })?.text).toContain('goes on after epoch 7');
    expect(consoleWords({ type: 'stageFinished', stage: 'pretrain', epochs: 44, bestEpoch: 23, seconds: 3.04, reused: false })?.text).toBe(
      'stage pretrain done: 44 epochs, best 23, 3.0 s',
    );
    expect(consoleWords({ type: 'stageFinished', stage: 'pretrain', epochs: 44, bestEpoch: 23, seconds: 0, reused: true })?.text).toContain(
      'earlier run',
    );
  });

  it('passes lines on with whose they are, puts a failure at level error as what a program may have said, and is silent about phases', () => {
    const line = { type: 'line', level: 'warn', text: 'loss grew' } as const;
    expect(consoleWords(line)).toEqual({ level: 'warn', by: 'studio', text: 'loss grew' });
    expect(consoleWords({ ...line, by: 'program' })).toEqual({ level: 'warn', by: 'program', text: 'loss grew' });
    expect(
      consoleWords({
        type: 'failed',
        problem: { kind: 'diverged', code: 'x', message: 'loss is not a number', values: {}, where: 'epoch 12' },
        artifacts: [],
      }),
    ).toEqual({ level: 'error', by: 'program', text: 'epoch 12: loss is not a number' });
    expect(consoleWords({ type: 'phase', stage: 'train', phase: 'evaluate', epoch: 1 })).toBeUndefined();
  });
});
