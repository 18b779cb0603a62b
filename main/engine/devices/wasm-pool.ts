/**
 * Threads that share the memory of the wasm backend and take chunks of a kernel's work together with the caller. What is computed does
 * not depend on their number: a chunk is computed whole by whoever takes it. The protocol is in kernels/assembly/pool.ts.
 */
import { Worker } from 'node:worker_threads';
import { DeviceError } from '../device-error.ts';
import { threadScratch } from '../kernels/assembly/job-numbers.ts';
import { Cores } from './wasm-cores.ts';
import { Help } from './wasm-help.ts';
import type { KernelExports, WasmHeap } from './wasm-heap.ts';

const controlBytes = 1024;
const argumentsAt = 320;
const mostArguments = 24;
/** How long threads may take to report for work. */
const startMs = 10_000;
/** How long the threads' last chunks, a millisecond each at most, may stand still; in several waits, for a machine may sleep in one. */
const patienceMs = 30_000;
const waits = 10;

/**
 * What a thread runs. Kept as text: a thread then needs no file beside the bundle, inside an archive or in TypeScript. A failing kernel
 * counts as done and failed, so that the caller does not wait for it.
 */
const program = `
const { parentPort, workerData: { module, memory, control, scratch } } = require('node:worker_threads');
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
let own;
try {
  own = Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').pop());
} catch {
  // Not Linux: a thread has no number that others know it by.
}
parentPort.postMessage(own);
for (let isOver = false; !isOver; ) {
  try {
    kernels.serve(control, scratch);
    isOver = true;
  } catch (error) {
    kernels.fail(control);
  }
}
`;

/** What a pool needs of the memory it works on. */
export type PoolHeap = Pick<WasmHeap, 'memory' | 'stage' | 'allocate' | 'free' | 'bytes' | 'doubles'>;

export interface PoolOptions {
  /** Threads that work, the caller included. */
  readonly threads: number;
  /** For tests: what a thread runs in place of its own program, and how long a chunk may stand still. */
  readonly program?: string;
  readonly patienceMs?: number;
}

export class WasmPool {
  readonly #heap: PoolHeap;
  readonly #kernels: KernelExports;
  readonly #control: number;
  readonly #scratch: number;
  readonly #arguments: Float64Array;
  /** Threads that were started and have not ended; they may still look at the control block. */
  readonly #alive = new Set<Worker>();
  /** Those that take chunks. */
  readonly #workers = new Set<Worker>();
  readonly #notes: string[] = [];
  readonly #release: () => void;
  readonly #waitNanoseconds: bigint;
  readonly #help = new Help();
  readonly #numbers: number[] = [];
  #cores: Cores | undefined;
  #isClosed = false;
  #isBroken = false;

  private constructor(heap: PoolHeap, kernels: KernelExports, { threads, patienceMs: patience = patienceMs }: PoolOptions) {
    this.#heap = heap;
    this.#kernels = kernels;
    // Every thread's scratch and the control block begin on a cache line of their own.
    const block = heap.allocate(controlBytes + threads * threadScratch + 64);
    this.#control = Math.ceil(block / 64) * 64;
    this.#scratch = this.#control + controlBytes;
    heap.bytes(this.#control, controlBytes).fill(0);
    this.#arguments = heap.doubles(this.#control + argumentsAt, mostArguments);
    this.#release = () => heap.free(block);
    this.#waitNanoseconds = BigInt(Math.ceil(patience / waits)) * 1_000_000n;
  }

  /**
   * A pool of `threads`, the caller's included. Threads that do not start are left out and noted; never throws for them.
   */
  static async open(heap: PoolHeap, module: WebAssembly.Module, options: PoolOptions): Promise<WasmPool> {
    const instance = await WebAssembly.instantiate(module, { env: { memory: heap.memory } });
    const pool = new WasmPool(heap, instance.exports as KernelExports, options);
    const starts = Array.from({ length: options.threads - 1 }, (_, t) => pool.#start(module, t + 1, options.program ?? program));
    await Promise.all(starts);
    pool.#cores = new Cores(pool.#numbers);
    return pool;
  }

  get kernels(): KernelExports {
    return this.#kernels;
  }

  /** Threads that work, the caller included. */
  get threads(): number {
    return this.#workers.size + 1;
  }

  /** What went wrong with threads, for the run record. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  #start(module: WebAssembly.Module, place: number, text: string): Promise<void> {
    return new Promise((resolve) => {
      const note = (what: string): void => {
        if (!this.#isClosed) this.#notes.push(`thread ${place + 1}: ${what}`);
        resolve();
      };
      let worker: Worker;
      try {
        const workerData = { module, memory: this.#heap.memory, control: this.#control, scratch: this.#scratch + place * threadScratch };
        worker = new Worker(text, { eval: true, workerData, execArgv: [], stdout: false, stderr: false });
      } catch (error) {
        return note(`not started: ${error instanceof Error ? error.message : String(error)}`);
      }
      this.#alive.add(worker);
      const late = setTimeout(() => {
        note(`not started within ${startMs} ms`);
        void worker.terminate();
      }, startMs);
      worker.once('message', (number: unknown) => {
        clearTimeout(late);
        this.#workers.add(worker);
        if (typeof number === 'number') this.#numbers.push(number);
        // The process may end without waiting for its threads.
        worker.unref();
        resolve();
      });
      worker.once('error', (error) => note(`ended: ${error.message}`));
      worker.once('exit', (code) => {
        clearTimeout(late);
        const wasWorking = this.#workers.delete(worker);
        if (code !== 0) note(`ended with code ${code}${wasWorking ? '' : ' before it worked'}`);
        resolve();
        this.#alive.delete(worker);
        if (this.#isClosed && this.#alive.size === 0) this.#release();
      });
    });
  }

  /** Runs a job (kernels/assembly/jobs.ts) to its end. Chunks depend on the shapes alone. */
  run(job: number, chunks: number, ...values: readonly number[]): void {
    if (this.#heap.stage.standIn?.job(job, chunks, values) !== true) this.replay(job, chunks, values);
  }

  /** The same for a job of a record. */
  replay(job: number, chunks: number, values: ArrayLike<number>): void {
    if (chunks <= 0) return;
    for (let i = 0; i < values.length; i++) this.#arguments[i] = values[i]!;
    if (chunks === 1 || this.#workers.size === 0) return this.#kernels.alone(this.#control, job, chunks, this.#scratch);
    const started = performance.now();
    this.#cores?.spread(started);
    if (!this.#help.isWorthwhile(started)) return this.#kernels.alone(this.#control, job, chunks, this.#scratch);
    const failed = this.#kernels.failures(this.#control);
    let problem: unknown;
    let own = 0;
    try {
      own = this.#kernels.begin(this.#control, job, chunks, this.#scratch);
    } catch (error) {
      problem = error;
      this.#kernels.fail(this.#control);
    }
    const worked = performance.now();
    this.#finish();
    this.#help.note({ started, worked, ended: performance.now(), share: own / chunks });
    if (problem !== undefined) throw problem;
    if (this.#kernels.failures(this.#control) !== failed) throw new Error(`A kernel failed in a thread (job ${job}, ${chunks} chunks).`);
  }

  #finish(): void {
    for (let wait = 0; wait < waits && !this.#isBroken; wait++) {
      if (this.#kernels.finish(this.#control, this.#waitNanoseconds) !== 0) return;
    }
    this.#isBroken = true;
    throw new DeviceError(
      'device',
      'wasm.thread-lost',
      'A computing thread ended in the middle of its work',
      'Continue the run from its checkpoint; with --threads 1 it uses no threads of its own.',
    );
  }

  /** Lets the threads end; their memory is freed when the last one has. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cores?.close();
    this.#kernels.stop(this.#control);
    if (this.#alive.size === 0) this.#release();
  }
}

/** Chunks of `grain` that cover `count`. */
export function chunksOf(count: number, grain: number): number {
  return Math.ceil(count / grain);
}
