/**
 * Chunks of a job, taken by threads that share this memory. The control block, all places byte offsets:
 *
 *      0  i32  job counter; sleeping threads wait on it
 *     64  i64  ticket: low half the chunks not yet taken, high half the job counter, so that a late thread cannot take from a job
 *              that it has not seen begin
 *    128  i32  chunks done; the caller waits on it
 *    192  i32  sleeping threads
 *    256  i32  whether the caller sleeps
 *    260  i32  whether the threads should end
 *    264  i32  chunks that failed in a thread
 *    268  i32  number of the kernel
 *    272  i32  chunks of the job
 *    320  f64  arguments, 24 of them
 *
 * Each chunk is computed by one thread alone, in an order of its own: what comes out does not depend on who took it.
 */
import { run } from './jobs';

const ticketAt: usize = 64;
const doneAt: usize = 128;
const sleepersAt: usize = 192;
const callerAt: usize = 256;
const stopAt: usize = 260;
const failedAt: usize = 264;
const kernelAt: usize = 268;
const chunksAt: usize = 272;
const argumentsAt: usize = 320;

/** Looks at the ticket before a thread goes to sleep: some tens of microseconds. */
const spins: i32 = 20000;

/** The next chunk of the job under way, or −1. */
// @ts-ignore: decorator
@inline
function take(control: usize): i32 {
  let seen = atomic.load<i64>(control + ticketAt);
  while (<i32>seen != 0) {
    const found = atomic.cmpxchg<i64>(control + ticketAt, seen, seen - 1);
    if (found == seen) return load<i32>(control + chunksAt) - <i32>seen;
    seen = found;
  }
  return -1;
}

/** Works on the job under way while it has chunks; how many it took. */
function work(control: usize, scratch: usize): i32 {
  let taken = 0;
  for (let chunk = take(control); chunk >= 0; chunk = take(control)) {
    const chunks = load<i32>(control + chunksAt);
    run(load<i32>(control + kernelAt), chunk, control + argumentsAt, scratch);
    const done = atomic.add<i32>(control + doneAt, 1) + 1;
    // From here on the caller may begin the next job: nothing of this one is read again.
    if (done == chunks && atomic.load<i32>(control + callerAt) != 0) atomic.notify(control + doneAt, 1);
    taken++;
  }
  return taken;
}

/** A job whose arguments stand in the control block, on the caller alone. */
export function alone(control: usize, kernel: i32, chunks: i32, scratch: usize): void {
  for (let chunk = 0; chunk < chunks; chunk++) run(kernel, chunk, control + argumentsAt, scratch);
}

/** The same with the help of the other threads: the chunks that the caller did itself. Then see `finish`. */
export function begin(control: usize, kernel: i32, chunks: i32, scratch: usize): i32 {
  store<i32>(control + kernelAt, kernel);
  store<i32>(control + chunksAt, chunks);
  atomic.store<i32>(control + doneAt, 0);
  const job = atomic.load<i32>(control) + 1;
  atomic.store<i64>(control + ticketAt, ((<i64>job) << 32) | <i64>chunks);
  // The counter after the ticket: a thread that found no chunk still sleeps on the old number, and so not at all.
  atomic.store<i32>(control, job);
  const sleepers = atomic.load<i32>(control + sleepersAt);
  if (sleepers > 0) atomic.notify(control, min(sleepers, chunks - 1));
  return work(control, scratch);
}

/** Waits up to `nanoseconds` for the threads' last chunks. False where they are not done by then. */
export function finish(control: usize, nanoseconds: i64): bool {
  const chunks = load<i32>(control + chunksAt);
  for (let spin = 0; spin < spins; spin++) {
    if (atomic.load<i32>(control + doneAt) == chunks) return true;
  }
  atomic.store<i32>(control + callerAt, 1);
  let done = atomic.load<i32>(control + doneAt);
  while (done != chunks) {
    const answer = atomic.wait<i32>(control + doneAt, done, nanoseconds);
    const now = atomic.load<i32>(control + doneAt);
    // 2: the time is up, and nothing moved in it.
    if (<i32>answer == 2 && now == done) break;
    done = now;
  }
  atomic.store<i32>(control + callerAt, 0);
  return done == chunks;
}

/** The life of a thread beside the caller: works, spins briefly, sleeps; returns when told to stop. */
export function serve(control: usize, scratch: usize): void {
  for (;;) {
    const job = atomic.load<i32>(control);
    work(control, scratch);
    let isIdle = true;
    for (let spin = 0; spin < spins; spin++) {
      if (<i32>atomic.load<i64>(control + ticketAt) != 0) {
        isIdle = false;
        break;
      }
    }
    if (atomic.load<i32>(control + stopAt) != 0) return;
    if (!isIdle) continue;
    atomic.add<i32>(control + sleepersAt, 1);
    atomic.wait<i32>(control, job, -1);
    atomic.sub<i32>(control + sleepersAt, 1);
  }
}

/** A thread's last words where its chunk failed: counted as done, so that the caller does not wait for it. */
export function fail(control: usize): void {
  atomic.add<i32>(control + failedAt, 1);
  atomic.add<i32>(control + doneAt, 1);
  atomic.notify(control + doneAt, 1);
}

/** Chunks that failed in threads so far. */
export function failures(control: usize): i32 {
  return atomic.load<i32>(control + failedAt);
}

/** Tells the threads to end when they have nothing to do. */
export function stop(control: usize): void {
  atomic.store<i32>(control + stopAt, 1);
  atomic.add<i32>(control, 1);
  atomic.notify(control, -1);
}
