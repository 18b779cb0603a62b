import type { LaneChange } from '#contract/lane.ts';
import type { Problem } from '#contract/problem.ts';
import type { RunSummary } from '#contract/run.ts';
import type { Queue } from '#contract/view.ts';
import { listShown } from './first-list.ts';
import { history } from './history.svelte.ts';
import { moved, runTitle } from './queue-order.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** What the queue held when its page was left: shown at once when it is opened again, until the first push. */
let former: Queue | undefined;

/** Runs were started meanwhile: what the page would show at first is known to be wrong. */
export function forgetQueue(): void {
  former = undefined;
}

/** Puts one run behind another in the queue as it is by now, whatever page or window moved others meanwhile; first where that one has begun. */
async function putBehind(run: RunSummary, other: string | undefined): Promise<void> {
  const { problem } = await attempt(async () => {
    const asked = new AbortController();
    for await (const { waiting } of studio.stream('queue.watch', {}, asked.signal)) {
      asked.abort();
      const ids = waiting.map(({ id }) => id).filter((id) => id !== run.id);
      if (ids.length === waiting.length) return toasts.say(`${runTitle(run)} does not wait any more`);
      ids.splice(other === undefined ? 0 : ids.indexOf(other) + 1, 0, run.id);
      await studio.call('queue.order', { ids });
      return;
    }
  });
  if (problem !== undefined) toasts.fail(problem);
}

/** The queue as it is pushed, and what can be done to it. Make one per page and close it. */
export class QueueState {
  #queue = $state.raw(former);
  #problem = $state.raw<Problem | undefined>();
  /** Order shown between a move and the first push after the studio's answer: shown the old order for a moment, the list would lose its focus. */
  #order = $state.raw<readonly string[] | undefined>();
  /** Moves that the studio has not answered: pushed in between, an earlier order would undo the later moves for a moment. */
  #moves = 0;
  readonly #controller = new AbortController();

  constructor() {
    void studio.follow(
      'queue.watch',
      {},
      (queue) => {
        this.#queue = queue;
        former = queue;
        listShown();
        if (this.#moves === 0) this.#order = undefined;
        this.#problem = undefined;
      },
      this.#controller.signal,
      (problem) => (this.#problem = problem),
    );
  }

  get value(): Queue | undefined {
    return this.#queue;
  }
  get problem(): Problem | undefined {
    return this.#problem;
  }

  readonly waiting: readonly RunSummary[] = $derived.by(() => {
    const runs = this.#queue?.waiting ?? [];
    const order = this.#order;
    if (order === undefined) return runs;
    const place = (run: RunSummary) => (order.includes(run.id) ? order.indexOf(run.id) : order.length);
    return [...runs].sort((a, b) => place(a) - place(b));
  });

  /** Moves a waiting run to a place (from 0). */
  async move(id: string, to: number): Promise<void> {
    const before = this.waiting.map((run) => run.id);
    const ids = moved(before, id, to);
    const run = this.waiting.find((each) => each.id === id);
    this.#order = ids;
    this.#moves += 1;
    const isDone = await this.#say(() => studio.call('queue.order', { ids: [...ids] }));
    this.#moves -= 1;
    if (!isDone) this.#order = undefined;
    else if (run !== undefined && ids.join() !== before.join())
      history.push({
        label: `${runTitle(run)} moved in the queue`,
        undo: () => putBehind(run, before[before.indexOf(id) - 1]),
        redo: () => putBehind(run, ids[ids.indexOf(id) - 1]),
      });
  }

  hold = (held: boolean) => this.#say(() => studio.call('queue.hold', { held }));
  lane = (change: LaneChange) => this.#say(() => studio.call('queue.lane', change));
  atOnce = (runs: number) => this.#say(() => studio.call('queue.concurrency', { runs }));
  holdRun = (id: string, held: boolean) => this.#say(() => studio.call('runs.hold', { ids: [id], held }));
  pause = (id: string, now: boolean) => this.#say(() => studio.call('runs.pause', { ids: [id], now }));
  resume = (id: string) => this.#say(() => studio.call('runs.resume', { ids: [id] }));
  stop = (id: string, keep: boolean) => this.#say(() => studio.call('runs.stop', { ids: [id], keep }));

  /** Takes a waiting run out of the queue; it goes to the trash and comes back on undo. */
  async remove(run: RunSummary): Promise<void> {
    const isDone = await this.#say(() => studio.call('runs.trash', { ids: [run.id] }));
    if (isDone)
      toasts.say('Moved 1 run to the trash', async () => void (await this.#say(() => studio.call('runs.restore', { ids: [run.id] }))));
  }

  close(): void {
    this.#controller.abort();
  }

  async #say(work: () => Promise<unknown>): Promise<boolean> {
    const { problem } = await attempt(work);
    if (problem !== undefined) toasts.fail(problem);
    return problem === undefined;
  }
}
