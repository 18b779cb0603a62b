/**
 * What NVIDIA's tool says of graphics processors, from one process that stays and speaks every few seconds while somebody looks or a run
 * is at work: a call for each reading would cost ten times as much. Where there is no such tool nothing is ever started again.
 */
import { spawn } from 'node:child_process';
import type { GraphicsReading } from '#contract/meter.ts';

/** A tool that speaks in lines. */
export interface Feed {
  onLine(listener: (line: string) => void): void;
  /** isMissing: there is no such tool on this machine. */
  onEnd(listener: (isMissing: boolean) => void): void;
  stop(): void;
}
/** Starts the tool, to speak every so many seconds. Tests give a recorded one. */
export type FeedStart = (everySeconds: number) => Feed;

const columns = 'index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,power.limit';
const everySeconds = 2;
/** A tool that ended, e.g. while its driver was renewed, is tried again after so long. */
const againMs = 60_000;
/** A reading older than so many turns is no longer shown: the driver is silent. */
const staleTurns = 4;

/** Where the tool lies, for machines that have it outside of the path. */
const toolVariable = 'AVOCET_NVIDIA_SMI';

/** The driver's tool: the one that was named, else the one in the path. */
export const graphicsTool = (): string => process.env[toolVariable] ?? 'nvidia-smi';

export const nvidiaFeed: FeedStart = (seconds) => {
  const child = spawn(graphicsTool(), [`--query-gpu=${columns}`, '--format=csv,noheader,nounits', '-l', String(seconds)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  const ends: ((isMissing: boolean) => void)[] = [];
  let isOver = false;
  const end = (isMissing: boolean) => {
    if (isOver) return;
    isOver = true;
    for (const listener of ends) listener(isMissing);
  };
  child.once('error', () => end(true));
  child.once('close', () => end(false));
  return {
    onLine: (listener) => {
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) listener(line);
      });
    },
    onEnd: (listener) => void ends.push(listener),
    // A child that never came to be has no number, and Node would signal whatever its unset memory holds: 0 is every process of our group.
    stop: () => void (child.pid !== undefined && child.kill()),
  };
};

/** A line of the tool: "0, NVIDIA H100, 37, 1024, 81559, 41, 118.20, 700.00". Undefined where it is none, e.g. an error in words. */
export function readingOf(line: string): GraphicsReading | undefined {
  const parts = line.split(',').map((part) => part.trim());
  const [index = '', name = ''] = parts;
  if (parts.length < 8 || !/^\d+$/.test(index) || name === '') return undefined;
  // Names may hold a comma; numbers never do.
  const [utilisation, used, total, celsius, watts, limit] = parts.slice(-6).map((text) => {
    // "[N/A]", "[Not Supported]": the device does not tell.
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
  });
  const present = <Key extends string>(key: Key, value: number | undefined) => (value === undefined ? {} : { [key]: value });
  const mebibytes = (value: number | undefined) => (value === undefined ? undefined : value * 1024 ** 2);
  return {
    index: Number(index),
    name: parts.slice(1, -6).join(', '),
    ...present('utilisation', utilisation),
    ...present('usedBytes', mebibytes(used)),
    ...present('totalBytes', mebibytes(total)),
    ...present('celsius', celsius),
    ...present('watts', watts),
    ...present('wattsLimit', limit),
  };
}

export interface GraphicsMeterOptions {
  readonly start: FeedStart;
  readonly onReading: () => void;
  readonly now: () => number;
  /** Calls back after so long; gives back how to call it off. */
  readonly after: (milliseconds: number, work: () => void) => () => void;
}

export class GraphicsMeter {
  readonly #options: GraphicsMeterOptions;
  readonly #readings = new Map<number, { readonly at: number; readonly reading: GraphicsReading }>();
  #feed: Feed | undefined;
  #callOff: (() => void) | undefined;
  #isWanted = false;
  #isMissing = false;

  constructor(options: GraphicsMeterOptions) {
    this.#options = options;
  }

  /** By their numbers; empty while nothing is told. */
  get readings(): GraphicsReading[] {
    const oldest = this.#options.now() - staleTurns * everySeconds * 1000;
    return [...this.#readings.values()].flatMap(({ at, reading }) => (at < oldest ? [] : [reading])).sort((a, b) => a.index - b.index);
  }

  /** Whether anybody wants to know. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    if (!isWanted) this.#stop();
    else this.#begin();
  }

  close(): void {
    this.want(false);
    this.#isMissing = true;
  }

  #begin(): void {
    if (this.#feed !== undefined || this.#callOff !== undefined || this.#isMissing) return;
    const feed = this.#options.start(everySeconds);
    this.#feed = feed;
    feed.onLine((line) => {
      const reading = this.#feed === feed ? readingOf(line) : undefined;
      if (reading === undefined) return;
      this.#readings.set(reading.index, { at: this.#options.now(), reading });
      this.#options.onReading();
    });
    feed.onEnd((isMissing) => {
      if (this.#feed !== feed) return;
      this.#feed = undefined;
      this.#isMissing ||= isMissing;
      const wasTold = this.#readings.size > 0;
      this.#readings.clear();
      if (wasTold) this.#options.onReading();
      if (this.#isMissing || !this.#isWanted) return;
      this.#callOff = this.#options.after(againMs, () => {
        this.#callOff = undefined;
        if (this.#isWanted) this.#begin();
      });
    });
  }

  #stop(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const feed = this.#feed;
    this.#feed = undefined;
    this.#readings.clear();
    feed?.stop();
  }
}
