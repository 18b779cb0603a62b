/** Browser mode: the studio of a headless or remote workstation on a loopback port, reached through a tunnel. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import type { Studio } from '#studio/studio.ts';
import { Access } from './access.ts';
import { answerPage } from './pages.ts';
import { acceptPages } from './websocket.ts';

export interface BrowserOptions {
  readonly studio: Studio;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of the built page. */
  readonly pages: string;
  /** Opens the system's browser on the address. */
  readonly open?: boolean;
  /** Start lines for people: the address, and how to reach it from elsewhere. */
  readonly onLine?: (text: string) => void;
}

export interface BrowserServer {
  /** Carries the token; good for the first visit and for any new one while this server runs. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** @throws ProblemError server.port where the port is taken or may not be used */
export async function serveBrowser({
  studio,
  port,
  pages,
  open = false,
  onLine = () => undefined,
}: BrowserOptions): Promise<BrowserServer> {
  const folder = resolve(pages);
  const server = createServer((request, response) => {
    answerPage(request, response, folder, access).catch(() => response.destroy());
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(portProblem(port, error)));
    server.listen(port, '127.0.0.1', done);
  });
  const taken = (server.address() as AddressInfo).port;
  const access = new Access(taken);
  const sockets = acceptPages(server, access, (channel) => studio.serve(channel));
  const address = `http://127.0.0.1:${taken}/?token=${access.token}`;
  onLine(`Avocet is open at ${address}`);
  onLine(`From another machine: ssh -L ${taken}:127.0.0.1:${taken} ${userName()}@${hostname()}, then open the same address there.`);
  if (open) openInBrowser(address);
  return {
    address,
    port: taken,
    token: access.token,
    close: async () => {
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function portProblem(port: number, error: NodeJS.ErrnoException): ProblemError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'is taken by another program'
      : error.code === 'EACCES'
        ? 'may not be used by this user'
        : `cannot be used (${error.code ?? error.message})`;
  return new ProblemError({
    kind: 'config',
    code: 'server.port',
    message: `Port ${port} on 127.0.0.1 ${why}`,
    values: { port },
    fix: 'Choose another with --port, or leave it out to take a free one.',
  });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'USER';
  }
}

/** Best effort: the address is printed in any case. */
function openInBrowser(address: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [address]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', address]]
        : ['xdg-open', [address]];
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
