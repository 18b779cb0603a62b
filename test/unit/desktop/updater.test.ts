import { describe, expect, it, vi } from 'vitest';
import type { UnderWay, UpdateState, UpdateWay } from '#contract/updates.ts';
import { parseUpdateState } from '#contract/updates.ts';
import { underWay } from '../../../main/desktop/under-way.ts';
import { Updater, type DownloadProgress, type UpdateSource } from '../../../main/desktop/updater.ts';
import { Owned } from './owned.ts';

const patience = { timeout: 60_000 };

/** A place that offers what it is told to, and notes what it is asked. */
class Drawn {
  readonly asked: string[] = [];
  readonly told: UpdateState[] = [];
  offer = { version: '0.2.0', notes: '<b>Faster</b> starts', isNewer: true };
  /** What the next step fails with. */
  failure: unknown;
  busy: UnderWay = { runs: 0, exports: 0, jobs: [] };
  sources = 0;
  progress: ((progress: DownloadProgress) => void) | undefined;
  #end: (() => void) | undefined;

  readonly updater: Updater;

  constructor(way: UpdateWay = 'studio') {
    this.updater = new Updater({
      version: '0.1.0',
      way,
      place: 'updates.example.org',
      source: async () => (this.sources++, this.#source),
      underWay: async () => this.busy,
      tell: (state) => void this.told.push(state),
    });
  }

  readonly #step = async (name: string) => {
    this.asked.push(name);
    if (this.failure !== undefined) throw this.failure;
  };

  readonly #source: UpdateSource = {
    check: async () => (await this.#step('check'), this.offer),
    download: async (onProgress, signal) => {
      await this.#step('download');
      this.progress = onProgress;
      await new Promise<void>((resolve, reject) => {
        this.#end = resolve;
        signal.addEventListener('abort', () => reject(new Error('cancelled')));
      });
    },
    install: () => this.#step('install'),
  };

  get state(): UpdateState {
    return this.updater.act('look');
  }

  async phase(phase: UpdateState['phase']): Promise<UpdateState> {
    await vi.waitFor(() => expect(this.state.phase).toBe(phase), patience);
    return this.state;
  }

  async found(): Promise<UpdateState> {
    this.updater.act('check');
    return this.phase('found');
  }

  async ready(): Promise<UpdateState> {
    await this.found();
    this.updater.act('download');
    await vi.waitFor(() => expect(this.progress).toBeDefined(), patience);
    this.#end?.();
    return this.phase('ready');
  }
}

describe('a newer version', () => {
  it('is asked for by the button alone: neither a start nor a look makes the thing that could ask', async () => {
    const drawn = new Drawn();
    expect(drawn.state).toEqual({ version: '0.1.0', way: 'studio', place: 'updates.example.org', phase: 'idle' });
    for (const action of ['download', 'cancel', 'install'] as const) drawn.updater.act(action);
    expect([drawn.sources, drawn.asked, drawn.told]).toEqual([0, [], []]);
    await drawn.found();
    expect([drawn.sources, drawn.asked]).toEqual([1, ['check']]);
  });

  it('is told with its notes as they are written, and nothing is fetched before another click', async () => {
    const drawn = new Drawn();
    expect(drawn.updater.act('check').phase).toBe('checking');
    // A second press while the first is under way asks nothing more.
    drawn.updater.act('check');
    const state = await drawn.phase('found');
    expect(state.offer).toEqual({ version: '0.2.0', notes: '<b>Faster</b> starts' });
    expect(drawn.asked).toEqual(['check']);
    expect(drawn.told.map(({ phase }) => phase)).toEqual(['checking', 'found']);
    for (const told of drawn.told) expect(parseUpdateState(told)).toEqual(told);
  });

  it('is fetched with progress and time left, and stays when it is there', async () => {
    const drawn = new Drawn();
    await drawn.found();
    drawn.updater.act('download');
    await vi.waitFor(() => expect(drawn.progress).toBeDefined(), patience);
    drawn.progress?.({ bytes: 30e6, of: 120e6, bytesPerSecond: 0 });
    expect(drawn.state.progress).toEqual({ bytes: 30e6, of: 120e6 });
    drawn.progress?.({ bytes: 60e6, of: 120e6, bytesPerSecond: 2e6 });
    expect(drawn.state).toMatchObject({ phase: 'downloading', progress: { bytes: 60e6, of: 120e6, secondsLeft: 30 } });
    await drawn.updater.act('check');
    expect(drawn.asked).toEqual(['check', 'download']);
  });

  it('is let go by Cancel without a complaint, and can be fetched again', async () => {
    const drawn = new Drawn();
    await drawn.found();
    drawn.updater.act('download');
    await vi.waitFor(() => expect(drawn.progress).toBeDefined(), patience);
    drawn.updater.act('cancel');
    const state = await drawn.phase('found');
    expect([state.problem, state.progress, state.offer?.version]).toEqual([undefined, undefined, '0.2.0']);
    // What trickles in after the cancel changes nothing.
    drawn.progress?.({ bytes: 1, of: 2, bytesPerSecond: 1 });
    expect(drawn.state.phase).toBe('found');
    drawn.updater.act('download');
    expect(drawn.state.phase).toBe('downloading');
  });

  it('is never an older one', async () => {
    const drawn = new Drawn();
    drawn.offer = { version: '0.0.9', notes: 'old', isNewer: false };
    drawn.updater.act('check');
    const state = await drawn.phase('newest');
    expect(state.offer).toBeUndefined();
    drawn.updater.act('download');
    expect(drawn.asked).toEqual(['check']);
  });
});

describe('restarting for it', () => {
  it.each<[string, UnderWay, string, string]>([
    ['a run', { runs: 2, exports: 0, jobs: [] }, 'update.runs-at-work', 'while runs are under way'],
    ['an export', { runs: 0, exports: 1, jobs: [] }, 'update.exporting', 'while an export is being written'],
    ['an import', { runs: 0, exports: 0, jobs: ['Importing baby'] }, 'update.busy', 'while this goes on: Importing baby'],
  ])('is refused during %s, with the reason, and the download stays', async (_what, busy, code, words) => {
    const drawn = new Drawn();
    await drawn.ready();
    drawn.busy = busy;
    drawn.updater.act('install');
    await drawn.phase('ready');
    expect(drawn.state.problem).toMatchObject({
      code,
      message: expect.stringContaining(words),
      fix: expect.stringMatching(/download stays/),
    });
    expect(drawn.asked).not.toContain('install');
    drawn.busy = { runs: 0, exports: 0, jobs: [] };
    drawn.updater.act('install');
    await vi.waitFor(() => expect(drawn.asked).toContain('install'), patience);
  });

  it('is refused where nobody says what is under way', async () => {
    const drawn = new Drawn();
    await drawn.ready();
    drawn.busy = undefined as never;
    drawn.updater.act('install');
    expect((await drawn.phase('ready')).problem?.code).toBe('update.other');
    expect(drawn.asked).not.toContain('install');
  });

  it('says what went wrong where the installer does not start', async () => {
    const drawn = new Drawn();
    await drawn.ready();
    drawn.failure = new Error('Code signature at URL file:///Avocet.app did not pass validation');
    drawn.updater.act('install');
    expect(drawn.state.phase).toBe('installing');
    expect((await drawn.phase('ready')).problem).toMatchObject({ code: 'update.signature', where: 'updates.example.org' });
  });
});

describe('where nothing checks who signed', () => {
  it.each<UpdateWay>(['packages', 'unsigned'])('%s: a version is shown, but not fetched', async (way) => {
    const drawn = new Drawn(way);
    await drawn.found();
    drawn.updater.act('download');
    drawn.updater.act('install');
    expect([drawn.state.phase, drawn.asked]).toEqual(['found', ['check']]);
  });

  it('a build that names no place asks nobody', () => {
    const drawn = new Drawn('nowhere');
    drawn.updater.act('check');
    expect([drawn.state.phase, drawn.sources]).toEqual(['idle', 0]);
  });
});

describe('what goes wrong', () => {
  const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
  it.each<[string, unknown, string]>([
    ['no network', new Error('net::ERR_INTERNET_DISCONNECTED'), 'offline'],
    ['a name that nobody knows', coded('ENOTFOUND', 'getaddrinfo ENOTFOUND updates.example.org'), 'offline'],
    ['a server that is down', Object.assign(new Error('503'), { statusCode: 503, code: 'HTTP_ERROR_503' }), 'offline'],
    ['a certificate of somebody else', new Error('net::ERR_CERT_AUTHORITY_INVALID'), 'untrusted'],
    ['no list', coded('ERR_UPDATER_CHANNEL_FILE_NOT_FOUND'), 'no-list'],
    ['a page instead of a list', coded('ERR_UPDATER_INVALID_VERSION'), 'bad-list'],
    ['an empty list', new TypeError("Cannot read properties of null (reading 'version')"), 'bad-list'],
    ['anything else', new Error('odd'), 'other'],
  ])('%s', async (_name, failure, fault) => {
    const drawn = new Drawn();
    drawn.failure = failure;
    drawn.updater.act('check');
    const { problem } = await drawn.phase('idle');
    expect(problem).toMatchObject({ code: `update.${fault}`, where: 'updates.example.org', fix: expect.stringMatching(/\.$/) });
    expect(problem?.detail).not.toBe('');
    // The next press asks anew.
    drawn.failure = undefined;
    await drawn.found();
    expect(drawn.state.problem).toBeUndefined();
  });

  it.each<[string, unknown, string, string | undefined]>([
    ['another file than announced', coded('ERR_CHECKSUM_MISMATCH'), 'changed', 'updates.example.org'],
    ['a file that is gone', Object.assign(new Error('404'), { statusCode: 404 }), 'no-file', 'updates.example.org'],
    ['signed by somebody else', coded('ERR_UPDATER_INVALID_SIGNATURE'), 'signature', 'updates.example.org'],
    ['a full disk', Object.assign(coded('ENOSPC'), { path: '/home/ada/.cache/avocet-updater' }), 'full', '/home/ada/.cache/avocet-updater'],
    ['a folder of somebody else', coded('EACCES'), 'denied', undefined],
  ])('while it comes: %s', async (_name, failure, fault, where) => {
    const drawn = new Drawn();
    await drawn.found();
    drawn.failure = failure;
    drawn.updater.act('download');
    const { problem, offer } = await drawn.phase('found');
    expect([problem?.code, problem?.where, offer?.version]).toEqual([`update.${fault}`, where, '0.2.0']);
  });
});

describe('what is under way', () => {
  it('are runs at work and those about to start; a held queue starts none', async () => {
    const owned = new Owned();
    owned.say(1, 3);
    expect(await underWay(Promise.resolve(owned.studio))).toEqual({ runs: 4, exports: 0, jobs: [] });
    owned.say(0, 3, true);
    expect((await underWay(Promise.resolve(owned.studio))).runs).toBe(0);
  });

  it('is not known where the studio is gone', async () => {
    const owned = new Owned();
    owned.isGone = true;
    await expect(underWay(Promise.resolve(owned.studio))).rejects.toThrow();
  });
});
