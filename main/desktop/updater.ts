import type { Problem } from '#contract/problem.ts';
import {
  busyProblem,
  updateProblem,
  type Offer,
  type UnderWay,
  type UpdateAction,
  type UpdateState,
  type UpdateWay,
} from '#contract/updates.ts';
import { faultOf } from './update-faults.ts';

/** What finds, fetches and installs another version: electron-updater in the app (update-source.ts), a drawn one in tests. */
export interface UpdateSource {
  /** Asks for the newest version there is; `isNewer` false where it is this one or an older one. */
  check(): Promise<Offer & { readonly isNewer: boolean }>;
  /** Fetches what the last check found, and checks that it is what was announced and who signed it. Rejects where `signal` ends it. */
  download(onProgress: (progress: DownloadProgress) => void, signal: AbortSignal): Promise<void>;
  /** Ends the program for the installer; comes back only where that failed, and then rejects. */
  install(): Promise<void>;
}

export interface DownloadProgress {
  readonly bytes: number;
  readonly of: number;
  readonly bytesPerSecond: number;
}

export interface UpdaterOptions {
  readonly version: string;
  readonly way: UpdateWay;
  /** The host that is asked. */
  readonly place?: string;
  /** Made at the first check, so that a program that is never asked to check has nothing that could. */
  readonly source: () => Promise<UpdateSource>;
  readonly underWay: () => Promise<UnderWay>;
  readonly tell: (state: UpdateState) => void;
}

/** Newer versions, one step for each click: looked for, fetched, installed. By itself it does nothing, at no time. */
export class Updater {
  readonly #options: UpdaterOptions;
  #source: Promise<UpdateSource> | undefined;
  #state: UpdateState;
  #download: AbortController | undefined;

  constructor(options: UpdaterOptions) {
    this.#options = options;
    const { version, way, place } = options;
    this.#state = { version, way, ...(place === undefined ? {} : { place }), phase: 'idle' };
  }

  /** Starts what is asked for, where it is its turn, and tells how it stands at once; what follows is told as it comes. */
  act(action: UpdateAction): UpdateState {
    const { phase, way } = this.#state;
    const canCheck = way !== 'nowhere' && (phase === 'idle' || phase === 'newest' || phase === 'found');
    if (action === 'check' && canCheck) void this.#check();
    if (action === 'download' && phase === 'found' && way === 'studio') void this.#fetch();
    if (action === 'cancel') this.#download?.abort();
    if (action === 'install' && phase === 'ready') void this.#install();
    return this.#state;
  }

  async #check(): Promise<void> {
    this.#show({ phase: 'checking' });
    try {
      const { isNewer, ...offer } = await (await this.#opened()).check();
      this.#show(isNewer ? { phase: 'found', offer } : { phase: 'newest' });
    } catch (error) {
      this.#show({ phase: 'idle', problem: this.#problem(error, 'check') });
    }
  }

  async #fetch(): Promise<void> {
    const { offer } = this.#state;
    const found = { ...(offer === undefined ? {} : { offer }) };
    const abort = new AbortController();
    this.#download = abort;
    this.#show({ phase: 'downloading', ...found });
    try {
      const source = await this.#opened();
      await source.download((progress) => {
        if (abort.signal.aborted) return;
        this.#show({ phase: 'downloading', ...found, progress: shown(progress) });
      }, abort.signal);
      this.#show({ phase: abort.signal.aborted ? 'found' : 'ready', ...found });
    } catch (error) {
      this.#show({ phase: 'found', ...found, ...(abort.signal.aborted ? {} : { problem: this.#problem(error, 'download') }) });
    } finally {
      this.#download = undefined;
    }
  }

  async #install(): Promise<void> {
    const { offer } = this.#state;
    const ready = { phase: 'ready', ...(offer === undefined ? {} : { offer }) } as const;
    this.#show({ ...ready, phase: 'installing' });
    try {
      const busy = busyProblem(await this.#options.underWay());
      if (busy !== undefined) return this.#show({ ...ready, problem: busy });
      await (await this.#opened()).install();
    } catch (error) {
      this.#show({ ...ready, problem: this.#problem(error, 'install') });
    }
  }

  #opened(): Promise<UpdateSource> {
    this.#source ??= this.#options.source();
    return this.#source;
  }

  #problem(error: unknown, doing: 'check' | 'download' | 'install'): Problem {
    const fault = faultOf(error, doing);
    const { path, message } = error as { path?: unknown; message?: unknown };
    const isOfDisk = fault === 'full' || fault === 'denied';
    const where = isOfDisk ? (typeof path === 'string' ? path : undefined) : this.#options.place;
    return updateProblem(fault, where, typeof message === 'string' ? message : String(error));
  }

  #show(next: Pick<UpdateState, 'phase'> & Partial<UpdateState>): void {
    const { version, way, place } = this.#state;
    this.#state = { version, way, ...(place === undefined ? {} : { place }), ...next };
    this.#options.tell(this.#state);
  }
}

function shown({ bytes, of, bytesPerSecond }: DownloadProgress): UpdateState['progress'] {
  return { bytes, of, ...(bytesPerSecond > 0 ? { secondsLeft: Math.max(0, of - bytes) / bytesPerSecond } : {}) };
}
