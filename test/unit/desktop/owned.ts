import type { Notice } from '#contract/host.ts';
import { connect, memoryChannels, serve, type Channel, type Router } from '#contract/link.ts';
import type { Status } from '#contract/view.ts';
import { following, Hub } from '#studio/hub.ts';
import type { Studio } from '#studio/studio.ts';
import { comparedRun } from '#test/fixtures/compared-runs.ts';

const seen: Pick<Status, 'jobs' | 'failedJobs'> = { jobs: [], failedJobs: [] };

/** What studio.watch says; only the numbers of runs and the work beside them matter here. */
const status = (running: number, waiting: number, held: boolean, seconds: number | undefined, beside = seen) => ({
  version: '1.0.0',
  home: '/home/ada/Avocet',
  startedAt: 1,
  freeBytes: 1,
  device: 'wasm',
  memoryBytes: 1,
  totalMemoryBytes: 2,
  running,
  waiting,
  held,
  runs: 1,
  ...(seconds === undefined ? {} : { timeLeft: { seconds, low: seconds, high: seconds, basis: 'measured' } }),
  ...beside,
  resumed: [],
});

async function* silent(): AsyncGenerator<never, void, void> {
  await new Promise(() => undefined);
}

/** A studio whose owner says what it is told to say, and can end. */
export class Owned {
  readonly #hub = new Hub();
  readonly #channels: Channel[] = [];
  #now = status(0, 0, false, undefined);
  #notices: Notice[] = [];
  /** How often a link was asked for. */
  asked = 0;
  isGone = false;
  /** It takes questions and answers none. */
  hangs = false;
  /** Streams of notices that somebody follows. */
  listeners = 0;
  /** What the queue was last told. */
  held: boolean | undefined;
  /** What was asked to stop. */
  readonly stopped: { ids: string[]; keep: boolean }[] = [];
  /** Two runs at work, and a paused one beside them. */
  readonly #queue = {
    held: false,
    concurrency: 2,
    lanes: [],
    waits: {},
    running: (['running', 'running', 'paused'] as const).map(
      (state, at) => comparedRun({ model: 'lightgcn', seed: 1, recall: 0, state }, at + 1).summary,
    ),
    waiting: [],
    finishedToday: [],
    experiments: [],
  };

  readonly studio = {
    link: () => {
      const [near, far] = memoryChannels();
      const link = connect(near);
      this.asked += 1;
      this.#channels.push(far);
      serve(far, {
        'studio.watch': (_: unknown, signal: AbortSignal) => (this.hangs ? silent() : this.#follow(() => this.#now, 'status', signal)),
        'studio.notices': (_: unknown, signal: AbortSignal) => this.#tell(signal),
        'queue.watch': (_: unknown, signal: AbortSignal) => this.#follow(() => this.#queue, 'queue', signal),
        'runs.stop': (request: { ids: string[]; keep: boolean }) => {
          this.stopped.push(request);
          return { ok: true };
        },
        'queue.hold': ({ held }: { held: boolean }) => {
          this.held = held;
          return { ok: true };
        },
      } as unknown as Router);
      if (this.isGone) far.close();
      return link;
    },
  } as unknown as Studio;

  #follow<T>(read: () => T, topic: 'status' | 'queue', signal: AbortSignal): AsyncGenerator<T, void, void> {
    return following(read, (changed) => this.#hub.subscribe(topic, changed), 0, signal);
  }

  async *#tell(signal: AbortSignal) {
    this.listeners += 1;
    let told = this.#notices.length;
    for await (const length of this.#follow(() => this.#notices.length, 'queue', signal))
      for (; told < length; told++) yield this.#notices[told]!;
  }

  say(running: number, waiting = 0, held = false, seconds?: number): void {
    this.#now = status(running, waiting, held, seconds);
    this.#hub.tell('status');
  }

  /** Work beside the runs, of which there are none: an import so far done, the demo being drawn, an import that failed. */
  sayBeside(work: { readonly importing?: number; readonly demo?: boolean; readonly failed?: boolean }): void {
    const { importing, demo, failed } = work;
    this.#now = status(0, 0, false, undefined, {
      jobs: [
        ...(demo === true
          ? [{ id: 'job-1', text: 'Drawing the demo dataset', fraction: 0, canCancel: false, makes: 'dataset' as const }]
          : []),
        ...(importing === undefined
          ? []
          : [{ id: 'job-2', text: 'Importing Baby', fraction: importing, canCancel: true, makes: 'dataset' as const }]),
      ],
      failedJobs:
        failed === true
          ? [{ id: 'job-2', text: 'Importing Baby', problem: { kind: 'data', code: 'x', message: 'Torn', values: {} }, at: 1 }]
          : [],
    });
    this.#hub.tell('status');
  }

  announce(notice: Notice): void {
    this.#notices = [...this.#notices, notice];
    this.#hub.tell('queue');
  }

  /** Closes every link, as an owner that ends does. */
  end(): void {
    for (const channel of this.#channels.splice(0)) channel.close();
  }
}
