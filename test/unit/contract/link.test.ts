import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as v from 'valibot';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect, memoryChannels, serve, type Channel, type Frame, type Link, type Router } from '#contract/link.ts';
import type { experimentRequestSchema } from '#contract/experiment.ts';
import { ProblemError } from '#contract/problem.ts';
import { settingsSchema } from '#contract/view.ts';
import { Access } from '#server/access.ts';
import { acceptPages } from '#server/websocket.ts';
import { socketChannel } from '#studio/socket-channel.ts';

/** A pair of ends: the page's and the studio's, and a way to send raw data as a page gone wrong would. */
interface Pair {
  readonly page: Channel;
  readonly studio: Channel;
  sendRaw(message: unknown): void;
  close(): Promise<void>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function memoryPair(): Promise<Pair> {
  const [page, studio] = memoryChannels();
  return { page, studio, sendRaw: (message) => page.send(message as Frame), close: async () => page.close() };
}

function portChannel(port: MessagePort): Channel {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.once('close', listener),
    close: () => port.close(),
  };
}

async function portPair(): Promise<Pair> {
  const { port1, port2 } = new MessageChannel();
  return {
    page: portChannel(port1),
    studio: portChannel(port2),
    sendRaw: (message) => port1.postMessage(message),
    close: async () => port1.close(),
  };
}

async function openServer() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const access = new Access(port);
  const arrived: Channel[] = [];
  const wanted: ((channel: Channel) => void)[] = [];
  const sockets = acceptPages(server, access, (channel) => {
    const take = wanted.shift();
    if (take === undefined) arrived.push(channel);
    else take(channel);
  });
  closers.push(async () => {
    sockets.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const cookie = access.cookieHeader().split(';')[0]!;
  const next = () => new Promise<Channel>((resolve) => (arrived.length > 0 ? resolve(arrived.shift()!) : wanted.push(resolve)));
  return { port, access, cookie, next, origin: `http://127.0.0.1:${port}` };
}

async function socketPair(): Promise<Pair> {
  const { port, cookie, origin, next } = await openServer();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/link`, { headers: { cookie, origin } });
  const page = socketChannel(socket);
  const studio = await next();
  await new Promise<void>((resolve) => (socket.readyState === socket.OPEN ? resolve() : socket.once('open', () => resolve())));
  return { page, studio, sendRaw: (message) => page.send(message as Frame), close: async () => socket.terminate() };
}

/** Answers only what the suite asks for; anything else is a mistake of the suite. */
function routerOf(handlers: Partial<Router>): Router {
  return new Proxy(handlers as Router, {
    get: (target, name: string) => {
      const handler = target[name as keyof Router];
      if (handler === undefined) throw new Error(`the suite has no ${name}`);
      return handler;
    },
  });
}

const status = {
  version: '0',
  home: '/',
  startedAt: 1,
  freeBytes: 0,
  device: 'wasm',
  memoryBytes: 0,
  totalMemoryBytes: 0,
  running: 0,
  waiting: 0,
  held: false,
  runs: 0,
  jobs: [],
  resumed: [],
};

describe.each([
  ['memory', memoryPair],
  ['MessagePort', portPair],
  ['WebSocket', socketPair],
] as const)('the link over %s', (_name, makePair) => {
  async function open(handlers: Partial<Router>): Promise<{ link: Link; pair: Pair }> {
    const pair = await makePair();
    closers.push(() => pair.close());
    serve(pair.studio, routerOf(handlers));
    return { link: connect(pair.page), pair };
  }

  test('carries a series of a million points without changing one of them', async () => {
    const count = 1_000_000;
    const epochs = Int32Array.from({ length: count }, (_unused, index) => index + 1);
    const values = Float64Array.from({ length: count }, (_unused, index) => Math.sin(index) / 3);
    values[17] = Number.NaN;
    values[18] = Number.NEGATIVE_INFINITY;
    values[19] = -0;
    const { link } = await open({ 'runs.series': () => ({ series: [{ key: 'loss', stage: 'train', epochs, values }] }) });
    const { series } = await link.call('runs.series', { id: 'run-a' });
    expect(series).toHaveLength(1);
    expect(series[0]!.epochs).toBeInstanceOf(Int32Array);
    expect(Buffer.compare(Buffer.from(series[0]!.epochs.buffer), Buffer.from(epochs.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from(series[0]!.values.buffer), Buffer.from(values.buffer))).toBe(0);
  });

  test('fills defaults in once, on the answering side too', async () => {
    let seen: unknown;
    const { link } = await open({
      'settings.set': (change) => {
        seen = change;
        return v.parse(settingsSchema, change);
      },
    });
    const settings = await link.call('settings.set', { concurrency: 3 });
    expect(seen).toEqual({ concurrency: 3 });
    expect(settings).toMatchObject({ concurrency: 3, theme: 'system', device: 'fastest' });
  });

  test('ends a cancelled stream at its source', async () => {
    let sent = 0;
    let isLeft: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (isLeft = resolve));
    const { link } = await open({
      'studio.watch': async function* (_input, signal) {
        try {
          while (!signal.aborted) {
            sent += 1;
            yield { ...status, runs: sent };
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          isLeft();
        }
      },
    });
    const abort = new AbortController();
    const seen: number[] = [];
    for await (const item of link.stream('studio.watch', {}, abort.signal)) {
      seen.push(item.runs);
      if (seen.length === 3) abort.abort();
    }
    await left;
    expect(seen).toEqual([1, 2, 3]);
  });

  test('a busy reader holds the source back, and misses nothing', async () => {
    let made = 0;
    const { link } = await open({
      'studio.watch': async function* () {
        for (;;) yield { ...status, runs: ++made };
      },
      'settings.set': (change) => v.parse(settingsSchema, change),
    });
    const reader = link.stream('studio.watch', {})[Symbol.asyncIterator]();
    const seen = [(await reader.next()).value!.runs];
    // Whatever could have come meanwhile has come before these answers.
    for (let turn = 0; turn < 5; turn++) await link.call('settings.set', {});
    expect(made).toBe(3);
    for (let turn = 0; turn < 5; turn++) seen.push((await reader.next()).value!.runs);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    await reader.return!();
  });

  test('leaving the loop cancels as well, and a stream that ends by itself ends here', async () => {
    let wasAborted = false;
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const { link } = await open({
      'studio.watch': async function* (_input, signal) {
        yield { ...status, runs: 1 };
        signal.addEventListener('abort', () => {
          wasAborted = true;
          leave();
        });
        await left;
      },
      'queue.watch': async function* () {
        yield { held: true, concurrency: 2, lanes: [], waits: {}, running: [], waiting: [], finishedToday: [], experiments: [] };
      },
    });
    for await (const item of link.stream('studio.watch', {})) {
      expect(item.runs).toBe(1);
      break;
    }
    await left;
    expect(wasAborted).toBe(true);
    const items = [];
    for await (const item of link.stream('queue.watch', {})) items.push(item.concurrency);
    expect(items).toEqual([2]);
  });

  test('a problem crosses as a value with its kind, code, place and fix', async () => {
    const problem = {
      kind: 'data' as const,
      code: 'inter.item-out-of-range',
      message: 'item 7051 is out of range',
      values: { item: 7051 },
      where: 'baby.inter:812',
      fix: 'Remove the row.',
    };
    const { link } = await open({
      'experiments.start': () => {
        throw new ProblemError(problem);
      },
      'datasets.inspect': async function* () {
        yield { type: 'progress' as const, phase: 'reading', fraction: 0.5 };
        throw new ProblemError(problem);
      },
    });
    const request = { datasets: ['baby'], models: [{ model: 'bpr' }], seeds: [1] } satisfies v.InferInput<typeof experimentRequestSchema>;
    await expect(link.call('experiments.start', request)).rejects.toMatchObject({ problem });
    const findings: unknown[] = [];
    const reading = (async () => {
      for await (const finding of link.stream('datasets.inspect', { path: '/x' })) findings.push(finding);
    })();
    await expect(reading).rejects.toMatchObject({ problem });
    expect(findings).toHaveLength(1);
  });

  test('refuses malformed input on both sides and keeps working', async () => {
    let calls = 0;
    const { link, pair } = await open({
      'runs.trash': ({ ids }) => {
        calls += 1;
        return { moved: ids.length, bytes: 0 };
      },
    });
    await expect(link.call('runs.trash', { ids: 'run-a' } as never)).rejects.toMatchObject({ problem: { code: 'link.malformed' } });
    await expect(link.call('views.save', { name: 'n'.repeat(105), state: {} } as never)).rejects.toMatchObject({
      problem: { kind: 'config', message: 'The name has 105 characters, and 80 fit', fix: 'Shorten it' },
    });
    const answers: unknown[] = [];
    const heard = new Promise<void>((resolve) => {
      pair.page.onFrame((frame) => {
        answers.push(frame);
        if (answers.length === 3) resolve();
      });
    });
    pair.sendRaw({ type: 'call', id: 9001, name: 'runs.trash', input: { ids: [1, 2] } });
    pair.sendRaw({ type: 'call', id: 9002, name: 'runs.destroy', input: {} });
    pair.sendRaw({ type: 'call', id: 9003, name: '__proto__', input: {} });
    pair.sendRaw({ type: 'shout', id: 'x' });
    pair.sendRaw('not a frame');
    await heard;
    expect(answers).toHaveLength(3);
    for (const answer of answers) expect(answer).toMatchObject({ type: 'problem', problem: { kind: 'internal', code: 'link.malformed' } });
    expect(calls).toBe(0);
    await expect(link.call('runs.trash', { ids: ['run-a'] })).resolves.toEqual({ moved: 1, bytes: 0 });
  });

  test('an answer that is not of the agreed form is a problem, not a value', async () => {
    const { link } = await open({ 'runs.trash': () => ({ moved: 'all', bytes: 0 }) as never });
    await expect(link.call('runs.trash', { ids: [] })).rejects.toMatchObject({ problem: { code: 'link.malformed' } });
  });

  test('calls under way fail when the connection closes, and so do later ones', async () => {
    const { link, pair } = await open({ 'models.list': () => new Promise(() => undefined) });
    const pending = link.call('models.list', {});
    const closed = new Promise<void>((resolve) => link.onClose(resolve));
    const checked = expect(pending).rejects.toMatchObject({ problem: { kind: 'lost', code: 'link.closed' } });
    pair.studio.close();
    await Promise.all([checked, closed]);
    await expect(link.call('models.list', {})).rejects.toMatchObject({ problem: { code: 'link.closed' } });
  });
});

describe('the WebSocket door refuses', () => {
  const refused = (port: number, headers: Record<string, string>, path = '/link') =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
      socket.once('open', () => reject(new Error('let in')));
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => undefined);
    });

  test('another origin, no origin, another host name', async () => {
    const { port, cookie, origin } = await openServer();
    expect(await refused(port, { cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await refused(port, { cookie })).toBe(403);
    expect(await refused(port, { cookie, origin: 'http://evil.example:80', host: 'evil.example:80' })).toBe(403);
    expect(await refused(port, { cookie, origin: `http://localhost:${port}` })).toBe(403);
    expect(await refused(port, { cookie, origin }, '/elsewhere')).toBe(403);
  });

  test('no cookie, a wrong one, and one of an earlier start', async () => {
    const { port, origin, access } = await openServer();
    const older = new Access(port).cookieHeader().split(';')[0]!;
    expect(await refused(port, { origin })).toBe(401);
    expect(await refused(port, { origin, cookie: `avocet-${port}=nonsense` })).toBe(401);
    expect(await refused(port, { origin, cookie: older })).toBe(401);
    expect(access.refuseSocket({ host: `127.0.0.1:${port}`, origin, cookie: older })?.reason).toMatch(/expired.*start line/);
  });

  test('text and bytes that are no message: the connection ends', async () => {
    for (const bytes of ['hello', Buffer.from([255, 255, 255, 255, 1])]) {
      const { port, cookie, origin, next } = await openServer();
      const socket = new WebSocket(`ws://127.0.0.1:${port}/link`, { headers: { cookie, origin } });
      serve(await next(), routerOf({}));
      const code = await new Promise<number>((resolve) => {
        socket.once('close', resolve);
        const send = () => socket.send(bytes);
        if (socket.readyState === socket.OPEN) send();
        else socket.once('open', send);
      });
      expect(code).toBe(1003);
    }
  });
});

test('away, a call gets the reason, what broke off under it too, and a stream nothing until its channel closes', async () => {
  const [page, studio] = memoryChannels();
  const reason = { kind: 'lost', code: 'studio.reopening', message: 'Being moved', values: {} } as const;
  let isAway = false;
  const router = {
    'datasets.list': () => Promise.reject(new Error(isAway ? 'The database connection is not open' : 'odd')),
  } as Partial<Router> as Router;
  serve(studio, router, () => (isAway ? reason : undefined));
  const link = connect(page);
  const problemOf = (work: Promise<unknown>) => work.catch((error: unknown) => (error as ProblemError).problem.code);
  expect(await problemOf(link.call('datasets.list', {}))).toBe('internal');
  isAway = true;
  expect(await problemOf(link.call('datasets.list', {}))).toBe('studio.reopening');
  const watched = problemOf(link.stream('queue.watch', {})[Symbol.asyncIterator]().next());
  expect(await problemOf(link.call('datasets.list', {}))).toBe('studio.reopening');
  studio.close();
  expect(await watched).toBe('link.closed');
});
