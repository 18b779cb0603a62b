import type { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as v from 'valibot';
import { settingsSchema } from '#contract/view.ts';
import { CrashKeeper } from '#studio/diagnostics/crash-keeper.ts';
import { watchedSpawn } from '#studio/diagnostics/watched-spawn.ts';
import type { Spawn, WorkerExit } from '#studio/spawn.ts';

/** A worker whose words and end the test says. */
function drawn() {
  const messages: ((message: unknown) => void)[] = [];
  const outputs: ((stream: 'stdout' | 'stderr', text: string) => void)[] = [];
  const exits: ((exit: WorkerExit) => void)[] = [];
  const crashes: string[] = [];
  const spawn: Spawn = () => ({
    pid: 1,
    send: () => undefined,
    onMessage: (listener) => void messages.push(listener),
    onOutput: (listener) => void outputs.push(listener),
    onExit: (listener) => void exits.push(listener),
    kill: () => undefined,
  });
  const worker = watchedSpawn(spawn, (text) => crashes.push(text))('run-1');
  return {
    worker,
    crashes,
    says: (message: unknown) => messages.forEach((listener) => listener(message)),
    prints: (text: string) => outputs.forEach((listener) => listener('stderr', text)),
    exits: (exit: WorkerExit) => exits.forEach((listener) => listener(exit)),
  };
}

const problem = (kind: string) => ({
  type: 'problem',
  problem: { kind, code: 'some.code', message: 'Something', values: {}, detail: 'at line 7' },
});

describe('a worker', () => {
  test('that is gone without a word leaves its last lines', () => {
    const { crashes, prints, exits } = drawn();
    prints('Segmentation fault');
    exits({ code: null, signal: 'SIGSEGV' });
    expect(crashes).toEqual(['worker run-1: ended without a word (SIGSEGV)\nSegmentation fault']);
  });

  test('with an error that nobody foresaw leaves it, one with a foreseen problem or a good end nothing', () => {
    const unforeseen = drawn();
    unforeseen.says(problem('internal'));
    unforeseen.exits({ code: 1, signal: null });
    expect(unforeseen.crashes).toEqual(['worker run-1: some.code: Something\nat line 7']);
    const foreseen = drawn();
    foreseen.says(problem('data'));
    foreseen.exits({ code: 1, signal: null });
    const good = drawn();
    good.exits({ code: 0, signal: null });
    expect([foreseen.crashes, good.crashes]).toEqual([[], []]);
  });

  test('that was told to end is no crash', () => {
    const killed = drawn();
    killed.worker.kill('SIGKILL');
    killed.exits({ code: null, signal: 'SIGKILL' });
    const stopped = drawn();
    stopped.worker.send({ type: 'stop', keep: false });
    stopped.exits({ code: 1, signal: null });
    expect([killed.crashes, stopped.crashes]).toEqual([[], []]);
  });
});

describe('what is kept', () => {
  let home: string;
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'avocet-crash-'))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const file = () => join(home, 'crashes', 'crashes.log');
  const settings = (keepsCrashes: boolean) => ({ value: v.parse(settingsSchema, { keepsCrashes }) });

  test('is nothing until it is allowed', () => {
    expect(new CrashKeeper(home, settings(false)).keep('worker run-1: boom')).toBe(false);
    expect(existsSync(file())).toBe(false);
  });

  test('is redacted, of this process too, while it is watched', () => {
    // Not whoever runs this test: a home of "/" is in every path.
    vi.stubEnv('HOME', '/home/somebody');
    const keeper = new CrashKeeper(home, settings(true));
    const leave = keeper.watchProcess();
    // The types of emit do not know this event.
    const emitter: EventEmitter = process;
    emitter.emit('uncaughtExceptionMonitor', new Error(`no ${homedir()}/secret of token=abc123def456`), 'uncaughtException');
    leave();
    emitter.emit('uncaughtExceptionMonitor', new Error('after it was left'), 'uncaughtException');
    const text = readFileSync(file(), 'utf8');
    expect(text).toContain('studio Error: no <home>');
    expect(text).not.toContain('abc123def456');
    expect(text).not.toContain(homedir());
    expect(text).not.toContain('after it was left');
    vi.unstubAllEnvs();
  });
});
