/**
 * Keeps the threads of a pool on cores of their own. Where a neighbour keeps a core busy, Linux may lay a computing thread on the core
 * of the caller and let the neighbour have the other whole: to its balance one core is as full as the other, while two threads of ours
 * then do the work of one. Now and then the caller looks where its threads are, and moves one that shares a core with another of ours
 * to a core that has none. It may go wherever it could before at once again; on the core it then shares with the neighbour it gets
 * what the scheduler gives to both. Nothing but time depends on it.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type Koffi from 'koffi';
import { ownFolder } from './assets.ts';

/** Where threads are and may be; threads by their system's number. */
export interface CoreAccess {
  /** Core of the calling thread. */
  own(): number;
  /** Core of another thread, or where it ran last. */
  coreOf(thread: number): number;
  allowed(thread: number): readonly number[];
  allow(thread: number, cores: readonly number[]): void;
  close(): void;
}

/** Milliseconds between looks: some 10 µs each. Short while threads had to be moved, for the next move is then near. */
const calmMs = 100;
const busyMs = 5;
const busyLooks = 200;

export class Cores {
  readonly #threads: readonly number[];
  readonly #access: CoreAccess | undefined;
  #next = 0;
  #busyLooks = 0;

  /** `threads`: those beside the caller. Does nothing where cores cannot be seen. */
  constructor(threads: readonly number[], access: CoreAccess | undefined = linuxCores()) {
    this.#threads = threads;
    this.#access = access;
    if (access === undefined || threads.length === 0) this.#next = Infinity;
  }

  /** To be called between jobs, with the time in milliseconds; for most calls a comparison. */
  spread(now: number): void {
    if (now < this.#next) return;
    try {
      this.#busyLooks = this.#look(this.#access!) ? busyLooks : Math.max(0, this.#busyLooks - 1);
      this.#next = now + (this.#busyLooks > 0 ? busyMs : calmMs);
    } catch {
      // A thread has ended, or the system keeps cores to itself.
      this.close();
    }
  }

  /** Whether a thread was moved. */
  #look(access: CoreAccess): boolean {
    const taken = new Set([access.own()]);
    let isMoved = false;
    for (const thread of this.#threads) {
      const core = access.coreOf(thread);
      if (!taken.has(core)) {
        taken.add(core);
        continue;
      }
      const allowed = access.allowed(thread);
      const free = allowed.filter((other) => !taken.has(other));
      // More threads than cores: they share as the system likes.
      if (free.length === 0) continue;
      access.allow(thread, free);
      access.allow(thread, allowed);
      taken.add(access.coreOf(thread));
      isMoved = true;
    }
    return isMoved;
  }

  close(): void {
    if (this.#next !== Infinity) this.#access?.close();
    this.#next = Infinity;
  }
}

/** A mask of 1,024 cores, as the C library has it. */
const maskBytes = 128;

/** Undefined where the system is not Linux with glibc or koffi is not there. */
export function linuxCores(): CoreAccess | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const koffi = createRequire(path.join(ownFolder(), 'wasm-cores.cjs'))('koffi') as typeof Koffi;
    const library = koffi.load('libc.so.6');
    const own = library.func('int sched_getcpu()') as () => number;
    const getMask = library.func('int sched_getaffinity(int thread, size_t bytes, void *mask)');
    const setMask = library.func('int sched_setaffinity(int thread, size_t bytes, void *mask)');
    const files = new Map<number, number>();
    const text = Buffer.alloc(1024);
    return {
      own,
      coreOf: (thread) => {
        const file = files.get(thread) ?? openSync(`/proc/self/task/${thread}/stat`, 'r');
        files.set(thread, file);
        return coreIn(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0)));
      },
      allowed: (thread) => {
        const mask = new Uint8Array(maskBytes);
        if (getMask(thread, maskBytes, mask) < 0) throw new Error('sched_getaffinity');
        return Array.from({ length: 8 * maskBytes }, (_, core) => core).filter((core) => (mask[core >> 3]! >> (core & 7)) & 1);
      },
      allow: (thread, cores) => {
        const mask = new Uint8Array(maskBytes);
        for (const core of cores) mask[core >> 3]! |= 1 << (core & 7);
        if (setMask(thread, maskBytes, mask) !== 0) throw new Error('sched_setaffinity');
      },
      close: () => {
        for (const file of files.values()) closeSync(file);
        files.clear();
      },
    };
  } catch {
    return undefined;
  }
}

/** The 39th field of a stat file of proc(5), counted behind the name, which may hold blanks and brackets. */
export function coreIn(stat: string): number {
  const core = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[36]);
  if (!Number.isInteger(core)) throw new Error('no core in stat');
  return core;
}
