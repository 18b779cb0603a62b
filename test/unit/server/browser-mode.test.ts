import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '#contract/link.ts';
import { pagePath } from '#server/pages.ts';
import { serveBrowser, type BrowserServer } from '#server/index.ts';
import { socketChannel } from '#studio/socket-channel.ts';
import type { Studio } from '#studio/studio.ts';
import { closeAll, host, openHere } from '#test/unit/studio/fixture.ts';

let folder: string;
let studio: Studio;
let server: BrowserServer;
const lines: string[] = [];

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'avocet-pages-')));
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Avocet</title>');
  writeFileSync(join(pages, 'assets', 'main-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'secret.html'), 'secret');
  mkdirSync(join(folder, 'data', 'baby'), { recursive: true });
  writeFileSync(join(folder, 'data', 'notes.txt'), 'hello');
  writeFileSync(join(folder, 'data', '.hidden'), '');
  studio = await openHere(join(folder, 'home'), { host: { ...host, roots: [join(folder, 'data')] } });
  lines.length = 0;
  server = await serveBrowser({ studio, port: 0, pages, onLine: (text) => lines.push(text) });
});
afterEach(async () => {
  await server.close();
  await closeAll();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: server.port, path, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });

async function cookie(): Promise<string> {
  const { pathname, search } = new URL(server.address);
  return (await get(pathname + search)).headers['set-cookie']![0]!.split(';')[0]!;
}

async function openPage() {
  const origin = `http://127.0.0.1:${server.port}`;
  return connect(socketChannel(new WebSocket(`ws://127.0.0.1:${server.port}/link`, { headers: { origin, cookie: await cookie() } })));
}

describe('the way in', () => {
  test('the first address trades its token for a same-site cookie and leaves the address bar clean', async () => {
    const { pathname, search } = new URL(server.address);
    const answer = await get(pathname + search);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['set-cookie']![0]).toMatch(new RegExp(`^avocet-${server.port}=\\S{32}; HttpOnly; SameSite=Strict; Path=/$`));
    expect(answer.headers['set-cookie']![0]).not.toContain(new URL(server.address).searchParams.get('token'));
    expect((await get('/?token=wrong')).status).toBe(403);
  });

  test('the start lines name the address and the tunnel', () => {
    expect(lines[0]).toBe(`Avocet is open at ${server.address}`);
    expect(lines[1]).toContain(`ssh -L ${server.port}:127.0.0.1:${server.port} `);
  });

  test('pages talk to the studio over the link, two at once', async () => {
    const [one, two] = [await openPage(), await openPage()];
    await one.call('settings.set', { theme: 'dark' });
    expect(await two.call('settings.get', {})).toMatchObject({ theme: 'dark' });
    expect(await two.call('studio.capabilities', {})).toMatchObject({ shell: 'browser', nativeDialogs: false });
    const closed = new Promise<void>((resolve) => two.onClose(resolve));
    two.close();
    await closed;
    expect(await one.call('settings.get', {})).toMatchObject({ theme: 'dark' });
  });

  test('a taken port is a problem with its number and a way out', async () => {
    await expect(serveBrowser({ studio, port: server.port, pages: folder })).rejects.toMatchObject({
      problem: { code: 'server.port', values: { port: server.port }, fix: expect.stringContaining('--port') },
    });
  });
});

describe('bytes that no browser of ours sends', () => {
  /** What comes back on a bare connection whose own end stays open. */
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = '';
      const socket = connectSocket({ host: '127.0.0.1', port: server.port, allowHalfOpen: true }, () => socket.write(text));
      socket.setEncoding('utf8').on('data', (more: string) => (answer += more));
      socket.on('end', () => resolve(answer)).on('error', reject);
    });
  const upgrade = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://elsewhere.example\r\n\r\n`;

  test('an address that is none is refused, and the studio goes on', async () => {
    expect(await raw(upgrade('//'))).toMatch(/^HTTP\/1\.1 403 /);
    expect(await (await openPage()).call('studio.capabilities', {})).toMatchObject({ shell: 'browser' });
  });

  test('who was refused and does not hang up holds up nothing', async () => {
    expect(await raw(upgrade('/link'))).toMatch(/^HTTP\/1\.1 403 /);
    await server.close();
    await expect(get('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the static page', () => {
  test('comes with the strict policy, and is never kept by the browser; built files are', async () => {
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, body: '<!doctype html><title>Avocet</title>' });
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self';/);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    const script = await get('/assets/main-1a2b.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': expect.stringContaining('immutable'),
    });
  });

  test('other hosts, other methods and paths that lead out are refused', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { host: `localhost:${server.port}` })).status).toBe(200);
    expect((await get('/', {}, 'POST')).status).toBe(405);
    for (const path of [
      '/../secret.html',
      '/%2e%2e/secret.html',
      '/assets/..%2f..%2fsecret.html',
      '/%00',
      '/%ff',
      '/nothing.html',
      '/assets',
    ])
      expect((await get(path)).status, path).toBe(404);
    expect(pagePath('/srv/pages', '/../pages-secret/x.html')).toBeUndefined();
    expect(pagePath('/srv/pages', '/a/b.js')).toBe('/srv/pages/a/b.js');
  });

  test('listens on the loopback address alone', () => {
    expect(new URL(server.address).hostname).toBe('127.0.0.1');
  });
});

describe('the folder picker', () => {
  test('shows folders first, nothing hidden, and never leads out of its roots', async () => {
    const link = await openPage();
    const root = await link.call('folders.list', {});
    expect(root.path).toBe(join(folder, 'data'));
    expect(root.parent).toBeUndefined();
    expect(root.entries.map(({ name, isFolder, bytes }) => [name, isFolder, bytes])).toEqual([
      ['baby', true, 0],
      ['notes.txt', false, 5],
    ]);
    expect((await link.call('folders.list', { path: join(folder, 'data', 'baby') })).parent).toBe(join(folder, 'data'));
    for (const path of [folder, join(folder, 'data', '..'), '/', join(folder, 'data-other')]) {
      await expect(link.call('folders.list', { path })).rejects.toMatchObject({ problem: { code: 'folders.outside' } });
    }
  });
});
