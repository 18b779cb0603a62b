import { ProblemError, toProblem, type Problem } from '#contract/problem.ts';
import type { Link } from '#contract/link.ts';
import { painted } from './painted.ts';
import type { InputOf, ParsedOutputOf, ProcedureName, StreamName } from '#contract/procedures.ts';
import type { Status } from '#contract/view.ts';

type CallName = Exclude<ProcedureName, StreamName>;
type Capabilities = ParsedOutputOf<'studio.capabilities'>;

export type Connection = 'connecting' | 'open' | 'lost';

const retryAfterMs = [500, 1000, 2000, 5000] as const;

/** The one connection of the page: calls, streams that come back after a lost connection, status and capabilities. */
class Studio {
  #open: (() => Promise<Link>) | undefined;
  #link: Link | undefined;
  #connection = $state<Connection>('connecting');
  #status = $state.raw<Status | undefined>();
  /** Changes when a run begins, ends or comes to wait, and with nothing else: what is read of runs is read again with it. */
  readonly pulse = $derived(`${this.#status?.runs}/${this.#status?.running}/${this.#status?.waiting}`);
  #capabilities = $state.raw<Capabilities | undefined>();
  #failures = $state(0);
  #opened = $state(0);
  #waiting: (() => void)[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;

  get connection(): Connection {
    return this.#connection;
  }

  /** Attempts since the connection was last open. */
  get failures(): number {
    return this.#failures;
  }

  /** How often the connection was opened: more than before after the studio went and came back. */
  get opened(): number {
    return this.#opened;
  }

  get status(): Status | undefined {
    return this.#status;
  }

  get capabilities(): Capabilities | undefined {
    return this.#capabilities;
  }

  /** Connects with the given way of opening a link; called once by main.ts (tests give a memory link). */
  start(open: () => Promise<Link>): void {
    this.#open = open;
    void this.#connect();
    void this.follow('studio.watch', {}, (status) => (this.#status = status));
  }

  reconnectNow(): void {
    if (this.#connection === 'open') return;
    clearTimeout(this.#retry);
    void this.#connect();
  }

  /** One answer. Waits for the connection; rejects with ProblemError. */
  async call<Name extends CallName>(name: Name, input: InputOf<Name>): Promise<ParsedOutputOf<Name>> {
    const link = await this.#ready();
    return link.call(name, input);
  }

  /** One pass over a stream, for work with an end (import, inspection). Leaving the loop cancels it. */
  async *stream<Name extends StreamName>(name: Name, input: InputOf<Name>, signal?: AbortSignal): AsyncGenerator<ParsedOutputOf<Name>> {
    const link = await this.#ready();
    yield* link.stream(name, input, signal);
  }

  /** A stream that lives as long as its reader: opened again after a lost connection. Returns when `signal` aborts or the source ends. */
  async follow<Name extends StreamName>(
    name: Name,
    input: InputOf<Name>,
    take: (item: ParsedOutputOf<Name>) => void,
    signal?: AbortSignal,
    onproblem?: (problem: Problem) => void,
  ): Promise<void> {
    while (signal?.aborted !== true) {
      try {
        for await (const item of this.stream(name, input, signal)) {
          take(item);
          // Taken only after it is drawn: a page short of time gets fewer and newer items instead of a growing heap of old ones.
          await painted();
        }
        return;
      } catch (error) {
        const problem = toProblem(error);
        if (problem.code !== 'link.closed') {
          onproblem?.(problem);
          return;
        }
      }
    }
  }

  async #ready(): Promise<Link> {
    while (this.#link === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#link;
  }

  async #connect(): Promise<void> {
    if (this.#open === undefined) return;
    this.#connection = this.#failures === 0 && this.#link === undefined ? 'connecting' : 'lost';
    try {
      const link = await this.#open();
      link.onClose(() => this.#lost());
      this.#link = link;
      this.#capabilities = await link.call('studio.capabilities', {});
      this.#failures = 0;
      this.#opened++;
      this.#connection = 'open';
      for (const resolve of this.#waiting.splice(0)) resolve();
    } catch {
      this.#lost();
    }
  }

  #lost(): void {
    this.#link = undefined;
    this.#connection = 'lost';
    const wait = retryAfterMs[Math.min(this.#failures, retryAfterMs.length - 1)];
    this.#failures++;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), wait);
  }
}

export const studio = new Studio();

/** Runs a command and gives its problem back as a value, for buttons that show it beside themselves. */
export async function attempt<T>(
  work: () => Promise<T>,
): Promise<{ value: T; problem?: undefined } | { problem: Problem; value?: undefined }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { problem: error instanceof ProblemError ? error.problem : toProblem(error) };
  }
}
