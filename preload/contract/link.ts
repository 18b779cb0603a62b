/**
 * The one typed link, independent of what carries it. A `Channel` moves frames (a MessagePort by structured clone, a WebSocket
 * through codec.ts, or two functions in memory); `connect` gives the calling end, `serve` the answering end. Both ends parse
 * every input and output with the schemas of procedures.ts, so neither trusts the other.
 */
import * as v from 'valibot';
import { ProblemError, problemSchema, toProblem, type Problem } from './problem.ts';
import {
  procedures,
  type InputOf,
  type OutputOf,
  type ParsedInputOf,
  type ParsedOutputOf,
  type ProcedureName,
  type StreamName,
} from './procedures.ts';

/** Moves frames both ways. Implementations: memory, MessagePort, WebSocket. */
export interface Channel {
  send(frame: Frame): void;
  /** Called for every arriving frame, unparsed. */
  onFrame(listener: (frame: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

const idSchema = v.pipe(v.number(), v.integer(), v.minValue(1));

const frameSchema = v.variant('type', [
  v.object({ type: v.literal('call'), id: idSchema, name: v.string(), input: v.unknown() }),
  v.object({ type: v.literal('cancel'), id: idSchema }),
  /** The reader of a stream took an item: another may come. */
  v.object({ type: v.literal('more'), id: idSchema }),
  v.object({ type: v.literal('value'), id: idSchema, value: v.unknown() }),
  v.object({ type: v.literal('item'), id: idSchema, value: v.unknown() }),
  v.object({ type: v.literal('end'), id: idSchema }),
  v.object({ type: v.literal('problem'), id: idSchema, problem: problemSchema }),
]);

export type Frame = v.InferOutput<typeof frameSchema>;

/**
 * Items of a stream that may be under way unread. A reader that is slower than its source holds it back: what would pile up before a
 * busy page is made later, and then it is newer.
 */
const unreadItems = 2;

/** What the answering end provides: a function per call, an async iterable per stream. */
export type Router = {
  readonly [Name in ProcedureName]: Name extends StreamName
    ? (input: ParsedInputOf<Name>, signal: AbortSignal) => AsyncIterable<OutputOf<Name>>
    : (input: ParsedInputOf<Name>) => Promise<OutputOf<Name>> | OutputOf<Name>;
};

type CallName = Exclude<ProcedureName, StreamName>;

/** The calling end. */
export interface Link {
  /** Resolves with the parsed answer; rejects with {@link ProblemError}. */
  call<Name extends CallName>(name: Name, input: InputOf<Name>): Promise<ParsedOutputOf<Name>>;
  /** Items until the other end finishes; `signal` or leaving the loop cancels at the source. */
  stream<Name extends StreamName>(name: Name, input: InputOf<Name>, signal?: AbortSignal): AsyncIterable<ParsedOutputOf<Name>>;
  onClose(listener: () => void): void;
  close(): void;
}

const lost: Problem = {
  kind: 'lost',
  code: 'link.closed',
  message: 'The connection to the studio closed before an answer came',
  values: {},
  fix: 'Runs go on without the window. Reconnect, or start Avocet again.',
};

function malformed(issue: string): Problem {
  return { kind: 'internal', code: 'link.malformed', message: `A message did not have the agreed form: ${issue}`, values: {} };
}

function parsed<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const first = result.issues[0];
  const place = v.getDotPath(first) ?? 'message';
  // What a person types is refused in words: a name of a page's length is no fault of the program.
  if (first.type === 'max_length' && typeof first.input === 'string' && typeof first.requirement === 'number')
    throw new ProblemError({
      kind: 'config',
      code: 'link.too-long',
      message: `The ${place} has ${first.input.length} characters, and ${first.requirement} fit`,
      values: { found: first.input.length },
      fix: 'Shorten it',
    });
  throw new ProblemError(malformed(`${place}: ${first.message}`));
}

interface Pending {
  readonly name: string;
  value(value: unknown): void;
  item(value: unknown): void;
  end(): void;
  fail(problem: Problem): void;
}

/** Opens the calling end on a channel. */
export function connect(channel: Channel): Link {
  const pending = new Map<number, Pending>();
  const closeListeners: (() => void)[] = [];
  let nextId = 1;
  let isClosed = false;

  channel.onFrame((raw) => {
    const result = v.safeParse(frameSchema, raw);
    // Without an id there is nobody to tell; the other end is at fault and the caller keeps waiting for its real answer.
    if (!result.success) return;
    const frame = result.output;
    const waiting = pending.get(frame.id);
    if (waiting === undefined) return;
    switch (frame.type) {
      case 'value':
        pending.delete(frame.id);
        waiting.value(frame.value);
        return;
      case 'item':
        waiting.item(frame.value);
        return;
      case 'end':
        pending.delete(frame.id);
        waiting.end();
        return;
      case 'problem':
        pending.delete(frame.id);
        waiting.fail(frame.problem);
        return;
      case 'call':
      case 'cancel':
      case 'more':
        return;
    }
  });
  channel.onClose(() => {
    isClosed = true;
    for (const waiting of pending.values()) waiting.fail(lost);
    pending.clear();
    for (const listener of closeListeners) listener();
  });

  const begin = (name: ProcedureName, input: unknown, entry: Omit<Pending, 'name'>): number => {
    const id = nextId++;
    if (isClosed) {
      entry.fail(lost);
      return id;
    }
    pending.set(id, { name, ...entry });
    channel.send({ type: 'call', id, name, input: parsed(procedures[name].input, input) });
    return id;
  };

  return {
    call(name, input) {
      return new Promise((resolve, reject) => {
        const fail = (problem: Problem) => reject(new ProblemError(problem));
        try {
          begin(name, input, {
            value: (value) => {
              try {
                resolve(parsed(procedures[name].output, value) as never);
              } catch (error) {
                reject(error instanceof Error ? error : new Error(String(error)));
              }
            },
            item: () => undefined,
            end: () => fail(malformed(`${name} is a call but answered as a stream`)),
            fail,
          });
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    },
    stream(name, input, signal) {
      return {
        [Symbol.asyncIterator]() {
          const queue: unknown[] = [];
          let ended = false;
          let problem: Problem | undefined;
          let wake: (() => void) | undefined;
          const poke = () => {
            wake?.();
            wake = undefined;
          };
          const id = begin(name, input, {
            value: () => undefined,
            item: (value) => {
              queue.push(value);
              poke();
            },
            end: () => {
              ended = true;
              poke();
            },
            fail: (found) => {
              problem = found;
              ended = true;
              poke();
            },
          });
          const cancel = () => {
            if (!ended) {
              ended = true;
              if (pending.delete(id)) channel.send({ type: 'cancel', id });
            }
            poke();
          };
          if (signal?.aborted === true) cancel();
          else signal?.addEventListener('abort', cancel, { once: true });
          const finish = () => signal?.removeEventListener('abort', cancel);
          return {
            async next() {
              while (queue.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
              if (queue.length > 0 && signal?.aborted !== true) {
                if (pending.has(id)) channel.send({ type: 'more', id });
                try {
                  return { done: false as const, value: parsed(procedures[name].output, queue.shift()) as never };
                } catch (error) {
                  cancel();
                  throw error;
                }
              }
              finish();
              if (problem !== undefined) {
                const found = problem;
                problem = undefined;
                throw new ProblemError(found);
              }
              return { done: true as const, value: undefined };
            },
            return() {
              cancel();
              finish();
              return Promise.resolve({ done: true as const, value: undefined });
            },
          };
        },
      };
    },
    onClose: (listener) => void closeListeners.push(listener),
    close: () => channel.close(),
  };
}

/** Reason of the signal of a stream whose channel closed: nobody has left it, so work that is listed elsewhere may go on. */
export const channelClosed = Symbol('channel.closed');

/**
 * Answers calls arriving on a channel with a router. Streams of a closed channel are cancelled at their source. `away` says why nothing can
 * be answered any more: then a call gets that, and a stream nothing, as the channel closes soon and whoever follows asks again.
 */
export function serve(channel: Channel, router: Router, away: () => Problem | undefined = () => undefined): void {
  const streams = new Map<number, { readonly controller: AbortController; readonly window: ReadAhead }>();
  let isClosed = false;
  const send = (frame: Frame) => {
    if (!isClosed) channel.send(frame);
  };
  channel.onClose(() => {
    isClosed = true;
    for (const { controller } of streams.values()) controller.abort(channelClosed);
    streams.clear();
  });
  channel.onFrame((raw) => {
    const result = v.safeParse(frameSchema, raw);
    if (!result.success) {
      const id = typeof raw === 'object' && raw !== null && 'id' in raw ? Number(raw.id) : Number.NaN;
      if (Number.isInteger(id) && id >= 1) send({ type: 'problem', id, problem: malformed(result.issues[0].message) });
      return;
    }
    const frame = result.output;
    if (frame.type === 'cancel') {
      streams.get(frame.id)?.controller.abort();
      streams.delete(frame.id);
      return;
    }
    if (frame.type === 'more') {
      streams.get(frame.id)?.window.widen();
      return;
    }
    if (frame.type !== 'call') return;
    void answer(frame.id, frame.name, frame.input);
  });

  const answer = async (id: number, name: string, rawInput: unknown): Promise<void> => {
    try {
      if (!Object.hasOwn(procedures, name)) throw new ProblemError(malformed(`there is no procedure ${name}`));
      const known = name as ProcedureName;
      const procedure = procedures[known];
      const gone = away();
      if (gone !== undefined) {
        if (procedure.kind === 'call') send({ type: 'problem', id, problem: gone });
        return;
      }
      const input = parsed(procedure.input, rawInput);
      if (procedure.kind === 'call') {
        const handler = router[known] as (given: unknown) => unknown;
        send({ type: 'value', id, value: parsed(procedure.output, await handler(input)) });
        return;
      }
      const controller = new AbortController();
      const window = new ReadAhead(controller.signal);
      streams.set(id, { controller, window });
      const handler = router[known] as (given: unknown, signal: AbortSignal) => AsyncIterable<unknown>;
      for await (const item of handler(input, controller.signal)) {
        if (controller.signal.aborted) break;
        send({ type: 'item', id, value: parsed(procedure.output, item) });
        await window.narrow();
        if (controller.signal.aborted) break;
      }
      if (!controller.signal.aborted) send({ type: 'end', id });
    } catch (error) {
      // What is said in so many words stays; what broke off under it has this reason.
      const gone = error instanceof ProblemError ? undefined : away();
      if (gone === undefined) send({ type: 'problem', id, problem: toProblem(error) });
      else if (!isStream(name)) send({ type: 'problem', id, problem: gone });
    } finally {
      streams.delete(id);
    }
  };
}

const isStream = (name: string): boolean => Object.hasOwn(procedures, name) && procedures[name as ProcedureName].kind === 'stream';

/** How many more items a reader is ready for. */
class ReadAhead {
  readonly #signal: AbortSignal;
  #left = unreadItems;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  widen(): void {
    this.#left += 1;
    this.#wake?.();
  }

  /** An item went out; waits until another may, or the stream is left. */
  async narrow(): Promise<void> {
    this.#left -= 1;
    while (this.#left <= 0 && !this.#signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Two ends in one process, for tests and for the owner's own command line. Frames are delivered asynchronously, as real links do. */
export function memoryChannels(): readonly [Channel, Channel] {
  const make = () => ({ frames: [] as ((frame: unknown) => void)[], closes: [] as (() => void)[] });
  const ends = [make(), make()] as const;
  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    for (const end of ends) for (const listener of end.closes) listener();
  };
  const channel = (own: 0 | 1): Channel => ({
    send: (frame) => {
      queueMicrotask(() => {
        if (!isClosed) for (const listener of ends[own === 0 ? 1 : 0].frames) listener(frame);
      });
    },
    onFrame: (listener) => void ends[own].frames.push(listener),
    onClose: (listener) => void ends[own].closes.push(listener),
    close,
  });
  return [channel(0), channel(1)];
}
