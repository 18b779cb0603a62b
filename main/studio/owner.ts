/**
 * One owner per data folder. Whoever takes the lock listens on a private socket inside the folder; everybody else connects to it.
 * The lock falls when its holder dies, so a dead owner's folder is simply taken.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import type { Channel } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { tryLock, type FolderLock } from '#store/lock.ts';
import { prepareHome } from './home.ts';
import { maxMessageBytes, socketChannel } from './socket-channel.ts';

/** Longest socket path that every system takes. */
const longestPath = 100;
const resumePath = 'resume';

/** Where the owner of a folder listens. Folders with long names get a short place of their own, closed to others like the folder. */
export function socketPath(home: string, platform: string = process.platform): string {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  if (platform === 'win32') return String.raw`\\.\pipe\avocet-${name}`;
  const inside = join(home, 'owner.sock');
  if (Buffer.byteLength(inside) <= longestPath) return inside;
  return join(tmpdir(), `avocet-${userInfo().uid}`, `${name}.sock`);
}

/** A private folder for a short socket path; refused where somebody else made it first. */
function preparePlace(path: string, home: string): void {
  if (process.platform === 'win32' || path.startsWith(home)) return;
  const folder = join(path, '..');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== userInfo().uid || (mode & 0o077) !== 0) {
    throw new ProblemError({
      kind: 'disk',
      code: 'home.socket-place',
      message: 'The folder for the private socket belongs to somebody else or is open to others',
      where: folder,
      fix: 'Choose a data folder with a shorter path.',
    });
  }
}

/** Removes the folder of a short socket path where no other owner listens in it. */
function leavePlace(path: string, home: string): void {
  if (process.platform === 'win32' || path.startsWith(home)) return;
  try {
    rmdirSync(join(path, '..'));
  } catch {
    // It holds the socket of another folder's owner, or is gone.
  }
}

export interface Ownership {
  /** Stops listening, ends all connections and lets the folder go. */
  release(): Promise<void>;
}

export type Claim = { readonly role: 'owner'; readonly lock: FolderLock } | { readonly role: 'client'; readonly channel: Channel };

/**
 * Owner where the lock is free, else client of the one who holds it. Between a lock and its socket an owner may still be starting,
 * so both are tried in turn until `patienceMs` is used up.
 */
export async function claim(home: string, resumes: boolean, patienceMs = 20_000): Promise<Claim> {
  prepareHome(home);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const lock = tryLock(join(home, 'owner.lock'));
    if (lock !== undefined) return { role: 'owner', lock };
    const channel = await connectTo(socketPath(home), resumes);
    if (channel !== undefined) return { role: 'client', channel };
    if (Date.now() > deadline) {
      throw new ProblemError({
        kind: 'lost',
        code: 'home.owner-silent',
        message: 'Another Avocet holds this data folder but does not answer',
        where: home,
        fix: 'Close the other Avocet, or end its process, and try again.',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A connection to the owner; undefined where nobody listens. `resumes` asks an owner that only reads to get to work. */
export function connectTo(path: string, resumes: boolean): Promise<Channel | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://localhost/${resumes ? resumePath : ''}`, {
      createConnection: () => connectSocket(path),
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      handshakeTimeout: 5000,
    });
    const channel = socketChannel(socket);
    socket.once('open', () => resolve(channel));
    socket.once('error', () => resolve(undefined));
  });
}

/** Listens for other front doors of this machine's user; `accept` gets each connection. */
export async function listen(home: string, lock: FolderLock, accept: (channel: Channel, resumes: boolean) => void): Promise<Ownership> {
  const path = socketPath(home);
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ server, maxPayload: maxMessageBytes, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => accept(socketChannel(socket), request.url === `/${resumePath}`));
  preparePlace(path, home);
  if (process.platform !== 'win32') rmSync(path, { force: true });
  await bind(server, path);
  return {
    release: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (process.platform !== 'win32') rmSync(path, { force: true });
      leavePlace(path, home);
      lock.release();
    },
  };
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The socket file is made inside listen(): nobody else may open it, not even for a moment.
    const before = process.umask(0o177);
    server.listen(path, () => {
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      resolve();
    });
    process.umask(before);
  });
}
