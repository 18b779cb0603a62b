import { text, UsageError, whole, type Command, type Context, type Outcome } from '../command.ts';

/** `serve` is started by index.ts with its own studio, since it stays; this file holds its words and options. */
const serveOptions = {
  port: { type: 'string', value: 'N', help: 'port on 127.0.0.1 (default: a free one)' },
  'safe-mode': { type: 'boolean', help: 'without models and shortcuts of your own; the queue is held' },
  'no-open': { type: 'boolean', help: 'do not open a browser' },
} as const;

export interface ServeRequest {
  readonly port: number;
  readonly opensBrowser: boolean;
  readonly isSafe: boolean;
}

function serveRequest(context: Pick<Context, 'values'>): ServeRequest {
  const port = whole(context.values, 'port', 0) ?? 0;
  if (port > 65_535) throw new UsageError(`--port must be at most 65535, found ${text(context.values, 'port')}`);
  return { port, opensBrowser: context.values['no-open'] !== true, isSafe: context.values['safe-mode'] === true };
}

export function serveCommand(start: (request: ServeRequest, context: Context) => Promise<Outcome>): Command {
  return {
    name: 'serve',
    summary: 'browser mode on 127.0.0.1: prints the address and the tunnel command for a remote machine',
    usage: '[--port N] [--no-open] [--safe-mode]',
    positionals: { least: 0, most: 0 },
    options: serveOptions,
    run: (context) => start(serveRequest(context), context),
  };
}
