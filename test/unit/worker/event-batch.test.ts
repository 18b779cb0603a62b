import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FromWorker, TrainingEvent } from '#contract/task.ts';
import { EventBatch } from '#worker/event-batch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const line = (text: string): TrainingEvent => ({ type: 'line', level: 'info', text });

function batchOf(intervalMs: number): { batch: EventBatch; sent: string[][] } {
  const sent: string[][] = [];
  const send = (message: FromWorker): void => {
    if (message.type !== 'events') throw new Error(message.type);
    expect(message).toMatchObject({ runId: 'r', attempt: 2 });
    sent.push(message.events.map(({ seq, event }) => `${seq} ${event.type === 'line' ? event.text : event.type}`));
  };
  return { batch: new EventBatch({ runId: 'r', attempt: 2, intervalMs }, send), sent };
}

describe('EventBatch', () => {
  it('sends what gathered four times a second, in order and numbered, and nothing when nothing happened', () => {
    const { batch, sent } = batchOf(250);
    batch.add(line('a'));
    batch.add(line('b'));
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(250);
    vi.advanceTimersByTime(1000);
    batch.add(line('c'));
    vi.advanceTimersByTime(250);
    expect(sent).toEqual([['1 a', '2 b'], ['3 c']]);
    batch.close();
  });

  it('sends the rest at the end and stops', () => {
    const { batch, sent } = batchOf(250);
    batch.add(line('a'));
    batch.close();
    expect(sent).toEqual([['1 a']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends each event at once without an interval', () => {
    const { batch, sent } = batchOf(0);
    batch.add(line('a'));
    batch.add(line('b'));
    expect(sent).toEqual([['1 a'], ['2 b']]);
    batch.close();
  });
});
