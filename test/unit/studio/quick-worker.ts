import type { ToWorker, TrainTask } from '#contract/task.ts';
import type { Spawn, WorkerExit } from '#studio/spawn.ts';
import { finished, sequence, started, worked } from '#test/unit/store/fixture.ts';

/**
 * Workers that train nothing: each says one epoch and its end as soon as `isOpen` lets it, and dies where it is told to. `began` and `ended`
 * hear the runs in the order in which they begin and end.
 */
export function quickWorkers(isOpen: () => boolean, began: (id: string) => void, ended: (id: string) => void): Spawn {
  return () => {
    let say: (message: unknown) => void = () => undefined;
    let over: (exit: WorkerExit) => void = () => undefined;
    let isOver = false;
    const end = (exit: WorkerExit) => {
      if (isOver) return;
      isOver = true;
      over(exit);
    };
    const work = (task: TrainTask) => {
      if (isOver) return;
      if (!isOpen()) {
        setTimeout(() => work(task), 5);
        return;
      }
      const values = { 'recall@20': 0.1 };
      const events = sequence([
        started(),
        ...worked(1),
        { type: 'phase', stage: 'train', phase: 'test', epoch: 1 },
        finished(1, values, values),
      ]);
      ended(task.runId);
      say({ type: 'events', runId: task.runId, attempt: task.attempt, events });
      end({ code: 0, signal: null });
    };
    setTimeout(() => say({ type: 'ready' }), 0);
    return {
      pid: undefined,
      send: (message: ToWorker) => {
        if (message.type === 'start' && message.task.kind === 'train') {
          began(message.task.runId);
          work(message.task as TrainTask);
        } else if (message.type === 'stop' || message.type === 'pause') end({ code: null, signal: 'SIGTERM' });
      },
      onMessage: (listener) => void (say = listener),
      onOutput: () => undefined,
      onExit: (listener) => void (over = listener),
      kill: (signal) => end({ code: null, signal }),
    };
  };
}
