/**
 * A front door to the studio of a data folder. Whoever comes first owns it; later ones are its clients over the same link, and one
 * of them takes over when the owner is gone.
 */
import { resolve } from 'node:path';
import { connect, memoryChannels, serve, type Channel, type Link } from '#contract/link.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import type { ListGraphics } from './graphics-list.ts';
import type { Host } from './host.ts';
import { followMoves } from './home.ts';
import { claim, connectTo, listen, socketPath, type Claim, type Ownership } from './owner.ts';
import { openOwned, type OwnedStudio } from './owned-studio.ts';
import { buffered, relay } from './relay.ts';
import { routerOf } from './router.ts';
import type { Spawn } from './spawn.ts';

export interface StudioOptions {
  /** The data folder; made when missing. */
  readonly home: string;
  readonly spawn: Spawn;
  /** Interrupted and waiting runs are worked on: true for the window, serve and commands that run; false for those that only read. */
  readonly resume: boolean;
  readonly host: Host;
  /** One-line notices: taken over, runs resumed. */
  readonly onNotice?: (text: string) => void;
  /** False leaves the demo dataset out (tests that need none). */
  readonly demo?: boolean;
  /** Devices are measured in the background at the first start on a machine, and when it changes: the window and browser mode. */
  readonly measures?: boolean;
  /** Safe mode: without models and settings of the person's own, nothing starts by itself. */
  readonly safe?: boolean;
  /** The data folder was moved: what holds its old path begins anew. */
  readonly onMoved?: (home: string) => void;
  /** How often a worker reports; 0 sends each event at once, for tests that act on what they hear. */
  readonly eventIntervalMs?: number;
  /** Graphics processors as their driver lists them; tests have others. */
  readonly listGraphics?: ListGraphics;
}

export interface Studio {
  readonly role: 'owner' | 'client';
  readonly home: string;
  /** A link for this front door's own calls. Ask again after it closed: the owner may have changed. */
  link(): Link;
  /** Answers a page's channel. */
  serve(channel: Channel): void;
  /** Resolves when no run of this process is at work; at once for a client. */
  idle(): Promise<void>;
  /** Ends this process's runs (the next owner takes them up) and lets the folder go. */
  close(): Promise<void>;
}

const reopening: Problem = {
  kind: 'lost',
  code: 'studio.reopening',
  message: 'The data folder is being moved or opened again, and nothing in it can be read or written meanwhile',
  values: {},
  fix: 'Try again in a moment.',
};

/** An answer under way reaches its page before the folder is closed. */
const answeredMs = 200;

type Place =
  | { readonly role: 'owner'; readonly owned: OwnedStudio; readonly ownership: Ownership }
  | { readonly role: 'client'; readonly watch: Channel };

/** @throws ProblemError home.*, store.* */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const door = new FrontDoor(options);
  await door.enter();
  return door;
}

class FrontDoor implements Studio {
  readonly #options: StudioOptions;
  #home: string;
  #isSafe: boolean;
  #place: Place | undefined;
  /** Under way between two places. */
  #moving: Promise<void> | undefined;
  #isClosed = false;
  /** Owned until a moment ago: closed, so that a copy can be made or laid in its place. */
  readonly #left = new WeakSet<OwnedStudio>();
  /** Why the last move ended where it began. */
  #moveFailure: Problem | undefined;
  /** What is answered here. */
  readonly #pages = new Set<Channel>();

  constructor(options: StudioOptions) {
    this.#options = options;
    this.#home = followMoves(options.home);
    this.#isSafe = options.safe === true;
  }

  get home(): string {
    return this.#home;
  }

  get role(): 'owner' | 'client' {
    return this.#place?.role ?? 'client';
  }

  async enter(): Promise<void> {
    const { resume, spawn, demo = true, measures = false, eventIntervalMs = 250, listGraphics } = this.#options;
    const claimed = await this.#claim();
    if (claimed.role === 'client') {
      const place: Place = { role: 'client', watch: claimed.channel };
      this.#place = place;
      claimed.channel.onClose(() => this.#leave(place));
      return;
    }
    let opened: OwnedStudio | undefined;
    try {
      opened = await openOwned({
        home: this.home,
        spawn,
        onNotice: (text) => this.#notice(text),
        makesDemo: demo,
        eventIntervalMs,
        // Off for tests, whose figures would be of a busy machine.
        measures: measures && process.env['AVOCET_MEASURE'] !== 'off',
        isSafe: this.#isSafe,
        reopen: (between, isSafe) =>
          setTimeout(() => {
            this.#isSafe = isSafe ?? this.#isSafe;
            this.#reopen(between);
          }, answeredMs),
        askedHome: resolve(this.#options.home),
        ...(this.#moveFailure === undefined ? {} : { moveFailure: this.#moveFailure }),
        ...(listGraphics === undefined ? {} : { listGraphics }),
      });
      const owned = opened;
      const router = routerOf(owned.core, this.#options.host);
      const ownership = await listen(this.home, claimed.lock, (channel, resumes) => {
        serve(channel, router, this.#away(owned));
        if (resumes) owned.work();
      });
      this.#place = { role: 'owner', owned, ownership };
      if (resume) owned.work();
    } catch (error) {
      // Left to whoever comes next, also in this process.
      if (this.#place === undefined) {
        await opened?.close();
        claimed.lock.release();
      }
      throw error;
    }
  }

  /** The folder where its data are, moved as they may be by the owner that was, while this one waits for it. */
  async #claim(): Promise<Claim> {
    for (;;) {
      this.#home = followMoves(this.#options.home);
      const claimed = await claim(this.#home, this.#options.resume);
      if (followMoves(this.#options.home) === this.#home) return claimed;
      if (claimed.role === 'owner') claimed.lock.release();
      else claimed.channel.close();
    }
  }

  /**
   * Closes the folder and opens it again: a copy of the database laid ready takes its place then. Pages and clients connect anew, once
   * what is to be done in between is done: a client that lost its owner earlier would open the folder itself.
   */
  #reopen(between?: () => Promise<void>): void {
    const place = this.#place;
    if (this.#isClosed || place?.role !== 'owner') return;
    this.#place = undefined;
    this.#left.add(place.owned);
    this.#moveFailure = undefined;
    this.#moving = (async () => {
      await place.owned.close();
      const before = this.home;
      await between?.().catch((error: unknown) => {
        this.#moveFailure = toProblem(error);
        this.#notice(this.#moveFailure.message);
      });
      await place.ownership.release();
      for (const page of this.#pages) page.close();
      this.#pages.clear();
      await this.enter();
      if (this.home !== before) this.#options.onMoved?.(this.home);
    })()
      .catch((error: unknown) => this.#notice(toProblem(error).message))
      .finally(() => (this.#moving = undefined));
  }

  /** What is answered in place of a folder that is being closed, moved and opened again. */
  #away(owned: OwnedStudio): () => Problem | undefined {
    return () => (this.#left.has(owned) ? reopening : undefined);
  }

  /** The owner is gone: take its place, or become client of whoever was faster. Said of a place already left, it means nothing. */
  #leave(place: Place): void {
    if (this.#isClosed || this.#place !== place) return;
    this.#place = undefined;
    this.#moving = this.enter()
      .then(() =>
        this.#notice(
          this.role === 'owner'
            ? 'The Avocet that held this data folder has ended; this one takes over.'
            : 'Another Avocet holds this data folder now.',
        ),
      )
      .catch((error: unknown) => this.#notice(toProblem(error).message))
      .finally(() => (this.#moving = undefined));
  }

  #notice(text: string): void {
    this.#options.onNotice?.(text);
  }

  link(): Link {
    const [near, far] = memoryChannels();
    const link = connect(near);
    this.serve(far);
    return link;
  }

  serve(channel: Channel): void {
    const page = buffered(channel);
    this.#pages.add(page);
    page.onClose(() => this.#pages.delete(page));
    void this.#attend(page).catch(() => page.close());
  }

  async #attend(page: Channel): Promise<void> {
    for (;;) {
      await this.#moving;
      const place = this.#place;
      if (this.#isClosed || place === undefined) return page.close();
      if (place.role === 'owner') return serve(page, routerOf(place.owned.core, this.#options.host), this.#away(place.owned));
      const owner = await connectTo(socketPath(this.home), this.#options.resume);
      if (owner !== undefined) return relay(page, buffered(owner), this.#options.host);
      this.#leave(place);
    }
  }

  async idle(): Promise<void> {
    if (this.#place?.role === 'owner') await this.#place.owned.core.supervisor.idle();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#moving;
    const place = this.#place;
    if (place === undefined) return;
    if (place.role === 'client') {
      place.watch.close();
      return;
    }
    await place.owned.close();
    await place.ownership.release();
  }
}
