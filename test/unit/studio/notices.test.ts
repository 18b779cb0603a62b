import { describe, expect, it } from 'vitest';
import type { RunSummary } from '#contract/run.ts';
import { noticesOf, type EndedPart } from '#studio/notices.ts';

const run = (state: RunSummary['state'], more: Partial<RunSummary> = {}): RunSummary =>
  ({
    id: 'run-1',
    experimentId: 'x',
    state,
    modelTitle: 'LightGCN',
    datasetName: 'Demo',
    seed: 2,
    sentence: 'LightGCN on Demo, seed 2: validation Recall@20 0.4177, best at epoch 163 of 184',
    ...more,
  }) as RunSummary;

const part = (runs: readonly RunSummary[], more: Partial<EndedPart['experiment']> = {}, isOpen = false): EndedPart => ({
  experiment: { id: 'x 1', name: 'Item links', runs: 9, finished: 9, failed: 0, ...more },
  isOpen,
  runs,
});

describe('what is announced', () => {
  it('is one summary for a whole experiment, and nothing before its last run', () => {
    expect(noticesOf([part([run('finished'), run('finished')], {}, true)], false)).toEqual([]);
    expect(noticesOf([part([run('finished'), run('failed')], { finished: 8, failed: 1 })], false)).toEqual([
      {
        title: 'Item links: 8 runs finished, 1 failed',
        body: 'The failed runs say why on their pages.',
        route: '/compare/x%201',
      },
    ]);
  });

  it('is the first failure of an experiment that goes on, for the fault may wait in all that follows; later ones are in its summary', () => {
    const failed = run('failed', { problem: { message: 'The loss is no number', fix: 'Lower the learning rate' } as never });
    expect(noticesOf([part([run('finished'), failed, failed], { failed: 2 }, true)], false)).toEqual([
      { title: 'Failed: LightGCN on Demo, seed 2', body: 'The loss is no number. Lower the learning rate', route: '/runs/run-1' },
    ]);
    expect(noticesOf([part([failed], { failed: 3 }, true)], false)).toEqual([]);
  });

  it('is the run itself where it is the only one: its sentence, or why it failed and what to do', () => {
    const [finished] = noticesOf([part([run('finished')], { runs: 1 })], false);
    expect(finished).toMatchObject({ title: 'Finished: LightGCN on Demo, seed 2', route: '/runs/run-1' });
    expect(finished?.body).toContain('best at epoch 163 of 184');
    const problem = {
      kind: 'diverged',
      code: 'x',
      message: 'The loss is no number from epoch 3 on',
      values: {},
      fix: 'Lower the learning rate',
    };
    const [failed] = noticesOf([part([run('failed', { problem: problem as never })], { runs: 1 })], false);
    expect(failed).toMatchObject({
      title: 'Failed: LightGCN on Demo, seed 2',
      body: 'The loss is no number from epoch 3 on. Lower the learning rate',
    });
  });

  it('says once that the queue is empty, with the last that ended; what a person stopped is no news', () => {
    const two = noticesOf([part([run('finished')], { runs: 1 }), part([run('finished')])], true);
    expect(two.map(({ body }) => body.includes('The queue is empty.'))).toEqual([false, true]);
    expect(noticesOf([part([run('stopped')], { runs: 1 })], true)).toEqual([]);
    expect(noticesOf([], true)).toEqual([]);
  });

  it('fits what the system takes', () => {
    const [long] = noticesOf([part([run('finished', { sentence: 'x'.repeat(900) })], { runs: 1, name: 'n'.repeat(300) })], true);
    expect(long!.body.length).toBeLessThanOrEqual(500);
    expect(noticesOf([part([run('finished')], { name: 'n'.repeat(300) })], true)[0]!.title.length).toBeLessThanOrEqual(120);
  });
});
