import * as v from 'valibot';
import { laneIdSchema, type LaneId } from '#contract/lane.ts';
import { text, texts, UsageError, whole, type Command, type Context, type Outcome } from '../command.ts';

/** `serve` is started by index.ts with its own studio, since it stays; this file holds its words and options. */
const serveOptions = {
  port: { type: 'string', value: 'N', help: 'port on 127.0.0.1 (default: a free one)' },
  slots: { type: 'string', value: 'WHERE=N', multiple: true, help: 'runs at once on a device: cpu=2, gpu0=1; kept like the setting' },
  'safe-mode': { type: 'boolean', help: 'without models and shortcuts of your own; the queue is held' },
  'no-open': { type: 'boolean', help: 'do not open a browser' },
} as const;

export interface ServeRequest {
  readonly port: number;
  readonly opensBrowser: boolean;
  readonly isSafe: boolean;
  /** By device. */
  readonly slots: readonly { readonly lane: LaneId; readonly slots: number }[];
}

function serveRequest(context: Pick<Context, 'values'>): ServeRequest {
  const port = whole(context.values, 'port', 0) ?? 0;
  if (port > 65_535) throw new UsageError(`--port must be at most 65535, found ${text(context.values, 'port')}`);
  return {
    port,
    opensBrowser: context.values['no-open'] !== true,
    isSafe: context.values['safe-mode'] === true,
    slots: texts(context.values, 'slots').map(slotsOf),
  };
}

/** "gpu0=2": two runs at once on the first graphics processor. */
function slotsOf(said: string): ServeRequest['slots'][number] {
  const [lane, count = ''] = said.split('=');
  const slots = Number(count);
  const least = lane === 'cpu' ? 1 : 0;
  if (v.is(laneIdSchema, lane) && /^\d+$/.test(count) && slots >= least && slots <= 16) return { lane, slots };
  throw new UsageError(`--slots wants a device and a number up to 16, such as cpu=2 or gpu0=1, found "${said}"`);
}

export function serveCommand(start: (request: ServeRequest, context: Context) => Promise<Outcome>): Command {
  return {
    name: 'serve',
    summary: 'browser mode on 127.0.0.1: prints the address and the tunnel command for a remote machine',
    usage: '[--port N] [--slots WHERE=N] [--no-open] [--safe-mode]',
    positionals: { least: 0, most: 0 },
    options: serveOptions,
    run: (context) => start(serveRequest(context), context),
  };
}
