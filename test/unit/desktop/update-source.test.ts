import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancellationToken, NsisUpdater } from 'electron-updater';
import { HttpExecutor, configureRequestOptions, configureRequestUrl } from 'builder-util-runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { updatePlace } from '../../../main/desktop/update-place.ts';
import { faultOf } from '../../../main/desktop/update-faults.ts';
import { plainNotes, refusalByWindows, sourceOf, type Library } from '../../../main/desktop/update-source.ts';

/** electron-updater itself, under our rules, on a network of Node: a place that gives out a list of versions and an installer. */

const installer = Buffer.alloc(3_000_000, 'installer');
const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest('base64');

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

let folder: string;
let server: Server;
let asked: Asked[];
let list: string;
/** Sent in place of the installer. */
let sent: Buffer;
/** What is answered instead. */
let status: number;
/** The answer stays open half way until the other end goes. */
let isSlow: boolean;
let isGone: Promise<void>;

const listOf = (version: string, more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ version, files: [{ url: 'Avocet.exe', sha512: sha512(installer), size: installer.length }], ...more });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-updates-'));
  [asked, list, sent, status, isSlow] = [[], listOf('0.2.0', { releaseNotes: '<b>Faster</b>\r\nstarts' }), installer, 200, false];
  let gone = () => {};
  isGone = new Promise((resolve) => (gone = resolve));
  server = createServer(({ url, headers }, answer) => {
    const path = new URL(url ?? '', 'http://place').pathname;
    asked.push({ path, headers });
    if (status !== 200) return void answer.writeHead(status).end();
    if (path.endsWith('.yml')) return void answer.end(list);
    answer.writeHead(200, { 'content-length': sent.length });
    if (!isSlow) return void answer.end(sent);
    answer.on('close', gone);
    answer.write(sent.subarray(0, sent.length / 2));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** As electron-updater's own, with Node's requests in place of Electron's. */
class NodeExecutor extends HttpExecutor<ReturnType<typeof request>> {
  override createRequest(options: object, callback: (response: never) => void) {
    return request(options, callback as never);
  }

  download(url: URL, destination: string, options: { cancellationToken: CancellationToken; headers?: object }): Promise<unknown> {
    return options.cancellationToken.createPromise((resolve: (path: string) => void, reject: (error: Error) => void, onCancel) => {
      const wanted = { headers: options.headers };
      configureRequestUrl(url, wanted as never);
      configureRequestOptions(wanted as never);
      const callback = (error?: Error | null) => (error instanceof Error ? reject(error) : resolve(destination));
      this.doDownload(wanted as never, { destination, options, onCancel, callback, responseHandler: null } as never, 0);
    });
  }
}

function opened(refusal?: (file: string) => Promise<string | undefined>) {
  const { port } = server.address() as AddressInfo;
  const config = join(folder, 'app-update.yml');
  writeFileSync(config, `provider: generic\nurl: http://127.0.0.1:${port}/avocet\nupdaterCacheDirName: avocet-updater\n`);
  const library = new NsisUpdater(null, {
    version: '0.1.0',
    name: 'avocet',
    isPackaged: true,
    appUpdateConfigPath: config,
    userDataPath: folder,
    baseCachePath: folder,
    whenReady: async () => undefined,
    relaunch: () => undefined,
    quit: () => undefined,
    onQuit: () => undefined,
  });
  Object.assign(library, { httpExecutor: new NodeExecutor() });
  const options = { newToken: () => new CancellationToken(), ...(refusal === undefined ? {} : { refusal }) };
  return { library: library as Library, source: sourceOf(library, options) };
}

const still = new AbortController().signal;
const filesIn = (place: string) => (existsSync(place) ? readdirSync(place) : []);

describe('electron-updater under our rules', () => {
  it('asks nothing when it is made, one list when it is told to check, and fetches nothing with it', async () => {
    const { library, source } = opened();
    expect(asked).toEqual([]);
    expect(await source.check()).toEqual({ isNewer: true, version: '0.2.0', notes: '<b>Faster</b>\nstarts' });
    expect(asked.map(({ path }) => path)).toEqual([expect.stringMatching(/^\/avocet\/latest.*\.yml$/)]);
    expect([library.autoDownload, library.autoInstallOnAppQuit, library.allowDowngrade]).toEqual([false, false, false]);
  });

  it('tells the place nothing that names this machine or its version, and keeps no number for it', async () => {
    const { source } = opened();
    await source.check();
    await source.download(() => undefined, still);
    for (const { headers } of asked) {
      expect(Object.keys(headers).filter((name) => /id$|user-staging|cookie|auth/.test(name))).toEqual([]);
      expect(JSON.stringify(headers)).not.toContain('0.1.0');
    }
    expect(filesIn(folder)).not.toContain('.updaterId');
  });

  it.each(['0.0.9', '0.1.0', '0.1.0-beta'])('never takes %s for newer', async (version) => {
    list = listOf(version);
    const { source } = opened();
    expect((await source.check()).isNewer).toBe(false);
    await expect(source.download(() => undefined, still)).rejects.toThrow();
    expect(asked.map(({ path }) => path)).toEqual([expect.stringMatching(/yml$/)]);
  });

  it('fetches the file that was announced, and counts its bytes', async () => {
    const { source } = opened();
    await source.check();
    const seen: number[] = [];
    await source.download(({ bytes, of }) => void seen.push(bytes, of), still);
    expect(seen.slice(-2)).toEqual([installer.length, installer.length]);
    expect(filesIn(join(folder, 'avocet-updater', 'pending'))).toContain('Avocet.exe');
  });

  it('keeps nothing of another file than was announced', async () => {
    sent = Buffer.alloc(installer.length, 'changed');
    const { source } = opened();
    await source.check();
    await expect(source.download(() => undefined, still)).rejects.toMatchObject({ code: 'ERR_CHECKSUM_MISMATCH' });
    expect(filesIn(join(folder, 'avocet-updater', 'pending')).filter((name) => name.endsWith('.exe'))).toEqual([]);
  });

  it('says what went wrong in a way that is understood', async () => {
    const { source } = opened();
    const failed = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );
    status = 404;
    expect(faultOf(await failed(source.check()), 'check')).toBe('no-list');
    status = 503;
    expect(faultOf(await failed(source.check()), 'check')).toBe('offline');
    for (const [text, fault] of [
      ['<html>Welcome</html>', 'bad-list'],
      ['', 'bad-list'],
      ['{', 'bad-list'],
    ] as const) {
      [status, list] = [200, text];
      expect(faultOf(await failed(source.check()), 'check'), text).toBe(fault);
    }
    list = listOf('0.2.0');
    await source.check();
    status = 404;
    expect(faultOf(await failed(source.download(() => undefined, still)), 'download')).toBe('no-file');
    status = 500;
    expect(faultOf(await failed(source.download(() => undefined, still)), 'download')).toBe('offline');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(faultOf(await failed(source.download(() => undefined, still)), 'download')).toBe('offline');
  });

  it('ends the connection on Cancel, and can begin again', async () => {
    isSlow = true;
    const { source } = opened();
    await source.check();
    const cancel = new AbortController();
    const fetching = source.download(() => undefined, cancel.signal);
    const ended = expect(fetching).rejects.toThrow(/cancelled/);
    await vi.waitFor(() => expect(asked.some(({ path }) => path.endsWith('.exe'))).toBe(true), { timeout: 60_000 });
    cancel.abort();
    await ended;
    await isGone;
    isSlow = false;
    await source.download(() => undefined, still);
    expect(filesIn(join(folder, 'avocet-updater', 'pending'))).toContain('Avocet.exe');
  });

  it('refuses what the system does not take for signed, where the library lets it pass, also when it lies there from before', async () => {
    const looked: string[] = [];
    const { source } = opened(async (file) => (looked.push(file), 'Windows says of the signature: NotSigned'));
    await source.check();
    for (const _time of ['fetched', 'found']) {
      await expect(source.download(() => undefined, still)).rejects.toMatchObject({
        code: 'ERR_UPDATER_INVALID_SIGNATURE',
        message: expect.stringContaining('NotSigned'),
      });
    }
    expect(looked).toHaveLength(2);
    expect(looked[0]).toMatch(/Avocet\.exe$/);
    expect(asked.filter(({ path }) => path.endsWith('.exe'))).toHaveLength(1);
  });
});

describe('what Windows says of a signature', () => {
  it.each<[string, () => Promise<string>, string | undefined]>([
    ['valid, by its name', async () => 'Valid\r\nCN="Äpfel, Inc.", O=Other, C=DE\r\n', undefined],
    ['valid, by all that is asked of it', async () => 'Valid\nCN=Avocet makers, O=Avocet, C=DE', undefined],
    ['of another', async () => 'Valid\nCN=Other, O=Avocet', 'The signature is of another publisher: CN=Other, O=Avocet'],
    ['of another country', async () => 'Valid\nCN=Avocet makers, C=FR', 'The signature is of another publisher: CN=Avocet makers, C=FR'],
    ['of nobody', async () => 'Valid\r\n', 'The signature is of another publisher: no name'],
    ['unsigned', async () => 'NotSigned\r\n', 'Windows says of the signature: NotSigned'],
    ['changed', async () => 'HashMismatch', 'Windows says of the signature: HashMismatch'],
    ['nothing', async () => '', 'Windows says of the signature: nothing'],
    ['no answer', () => Promise.reject(new Error('blocked by policy')), 'The signature could not be checked: blocked by policy'],
  ])('%s', async (_name, run, refusal) => {
    expect(await refusalByWindows('C:\\Users\\ada\\a.exe', ['Äpfel, Inc.', 'CN=Avocet makers, C=DE'], run)).toBe(refusal);
  });

  it('is asked with the file beside the command, never in it', async () => {
    let called: readonly unknown[] = [];
    const file = "C:\\a';calc;'.exe";
    await refusalByWindows(file, [], async (...args) => ((called = args), 'Valid'));
    const [program, args, environment] = called as [string, string[], NodeJS.ProcessEnv];
    expect(program).toMatch(/System32.WindowsPowerShell.v1\.0.powershell\.exe$/);
    expect(args.join(' ')).not.toContain('calc');
    expect(environment['AVOCET_UPDATE_FILE']).toBe(file);
  });
});

describe('notes', () => {
  it('are text whatever they hold, of one version or of several', () => {
    expect(plainNotes('<script>alert(1)</script>\u001b[31m\u202eevil')).toBe('<script>alert(1)</script>[31mevil');
    expect(
      plainNotes([
        { version: '0.3.0', note: 'two' },
        { version: '0.2.0', note: null },
      ]),
    ).toBe('0.3.0\ntwo\n\n0.2.0');
    expect([plainNotes(null), plainNotes(undefined), plainNotes('x'.repeat(30_000)).length]).toEqual(['', '', 20_000]);
  });
});

describe('where a build asks', () => {
  const read = (text: string, platform: string) => {
    const file = join(folder, 'app-update.yml');
    writeFileSync(file, text);
    return updatePlace(file, platform);
  };
  const generic = 'provider: generic\nurl: https://updates.example.org/avocet\n';

  it.each<[string, string, string, object]>([
    [
      'Windows with a publisher',
      'win32',
      `${generic}publisherName:\n  - Avocet makers\n`,
      { way: 'studio', place: 'updates.example.org', publishers: ['Avocet makers'] },
    ],
    ['Windows without one', 'win32', generic, { way: 'unsigned', place: 'updates.example.org' }],
    ['Windows with an empty one', 'win32', `${generic}publisherName: ['']\n`, { way: 'unsigned', place: 'updates.example.org' }],
    ['macOS', 'darwin', generic, { way: 'studio', place: 'updates.example.org' }],
    ['Linux', 'linux', generic, { way: 'packages', place: 'updates.example.org' }],
    ['an open line', 'darwin', generic.replace('https', 'http'), { way: 'nowhere' }],
    ['a service of another kind', 'darwin', 'provider: github\nowner: a\nrepo: b\n', { way: 'nowhere' }],
    ['no list at all', 'darwin', '][', { way: 'nowhere' }],
  ])('%s', (_name, platform, text, place) => {
    expect(read(text, platform)).toMatchObject(place);
  });

  it('is nowhere without the file that packaging writes', () => {
    expect(updatePlace(join(folder, 'none.yml'), 'win32')).toEqual({ way: 'nowhere', publishers: [] });
  });
});
