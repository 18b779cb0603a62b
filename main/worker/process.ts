import * as v from 'valibot';
import type { Problem } from '#contract/problem.ts';
import { toWorkerSchema } from '#contract/task.ts';
import type { Task } from '#contract/task.ts';
import { TrainControl } from '#training/control.ts';
import { problemOf } from '#training/failure.ts';
import { openOwnerChannel } from './owner-channel.ts';
import { OwnerWatch } from './owner-watch.ts';
import { Questions } from './questions.ts';
import { runTask } from './tasks.ts';

/**
 * A worker: one process for one task, started by the studio through child_process.fork or Electron's utilityProcess. It says ready,
 * is told what to do, reports, and exits. It never outlives its owner: whatever it does can be continued from what is on disk.
 */
const heartbeatMs = 1000;

function main(): void {
  const channel = openOwnerChannel();
  const control = new TrainControl();
  const abort = new AbortController();
  const questions = new Questions();
  let isStarted = false;

  const watch = new OwnerWatch(channel, () => process.exit(0));
  let before = { at: performance.now(), used: process.cpuUsage() };
  const heartbeat = setInterval(() => {
    const now = { at: performance.now(), used: process.cpuUsage() };
    const microseconds = now.used.user + now.used.system - before.used.user - before.used.system;
    const cores = microseconds / 1000 / Math.max(1, now.at - before.at);
    before = now;
    channel.send({ type: 'heartbeat', at: Date.now(), memoryBytes: process.memoryUsage().rss, cores });
  }, heartbeatMs);

  const leave = async (code: number): Promise<never> => {
    clearInterval(heartbeat);
    await channel.flush();
    watch.close();
    process.exit(code);
  };
  const fail = (problem: Problem): void => {
    channel.send({ type: 'problem', problem });
    void leave(1);
  };
  // Ctrl-C in a terminal reaches every process of the group; what becomes of a run is the owner's to decide.
  process.on('SIGINT', () => undefined);
  process.on('uncaughtException', (error) => fail(problemOf(error)));
  process.on('unhandledRejection', (error) => fail(problemOf(error)));

  const start = async (task: Task): Promise<void> => {
    try {
      await runTask(task, { send: (message) => channel.send(message), control, signal: abort.signal, questions });
    } catch (error) {
      fail(problemOf(error));
      return;
    }
    await leave(0);
  };

  channel.onMessage((value) => {
    const message = v.safeParse(toWorkerSchema, value);
    if (!message.success) {
      const text = v.flatten(message.issues).nested ?? message.issues[0].message;
      fail({
        kind: 'internal',
        code: 'worker.message',
        message: `the worker was sent a message it does not know: ${JSON.stringify(text)}`,
        values: {},
      });
      return;
    }
    switch (message.output.type) {
      case 'start':
        if (isStarted) return;
        isStarted = true;
        void start(message.output.task);
        return;
      case 'stop':
        control.stop(message.output.keep ? 'keep' : 'discard', message.output.reason);
        if (!message.output.keep) {
          abort.abort();
          questions.close();
        }
        return;
      case 'pause':
        control.pause(message.output.now);
        return;
      case 'ask':
        questions.add(message.output.value);
        return;
      case 'ping':
        watch.pinged();
        return;
    }
  });
  channel.send({ type: 'ready' });
}

main();
