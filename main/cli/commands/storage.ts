import { bytes } from '#contract/amounts.ts';
import type { Link } from '#contract/link.ts';
import { text, UsageError, type Command, type Context, type Outcome } from '../command.ts';

const actions = ['empty-trash', 'clear-caches', 'back-up'] as const;
type Action = (typeof actions)[number];

export const storage: Command = {
  name: 'storage',
  summary: 'what the data folder holds in bytes; empties trash and caches, copies the database',
  usage: `[${actions.join(' | ')}] [--yes]`,
  positionals: { least: 0, most: 1 },
  options: {
    'older-than': { type: 'string', value: 'DAYS', help: 'of the trash, only what has been there for so many days' },
    keep: { type: 'string', value: 'GB', help: 'of the trash, the oldest, until it holds at most this' },
    yes: { type: 'boolean', help: 'delete; without it you are told what would go' },
  },
  async run(context) {
    const asked = context.positionals[0];
    const action = actions.find((each) => each === asked);
    if (asked !== undefined && action === undefined) throw new UsageError(`storage does ${actions.join(', ')}; found "${asked}"`);
    const link = await context.link({ resume: false });
    return action === undefined ? sizes(link, context) : act(action, link, context);
  },
};

async function sizes(link: Link, context: Context): Promise<Outcome> {
  const found = await link.call('storage.sizes', {});
  const rows = [...found.kinds.filter(({ files }) => files > 0), { kind: 'together', bytes: found.bytes, files: found.files }];
  const widest = Math.max(...rows.map(({ kind }) => kind.length));
  for (const row of rows) context.print(`${row.kind.padEnd(widest)}  ${bytes(row.bytes).padStart(8)}  ${row.files} files`);
  context.print(`${bytes(found.freeBytes)} free on this disk`);
  return { json: { storage: found } };
}

async function act(action: Action, link: Link, context: Context): Promise<Outcome> {
  const isMeant = context.values['yes'] === true;
  switch (action) {
    case 'back-up': {
      const backup = await link.call('backups.make', {});
      context.print(`Copied the database to backups/${backup.name}, ${bytes(backup.bytes)}`);
      return { json: { backup } };
    }
    case 'clear-caches': {
      if (isMeant) {
        const freed = await link.call('storage.clearCaches', {});
        context.print(`Caches emptied, ${bytes(freed.bytes)} freed`);
        return { json: { freed } };
      }
      const { kinds } = await link.call('storage.sizes', {});
      const caches = kinds.find(({ kind }) => kind === 'caches')!;
      context.print(`Would delete ${bytes(caches.bytes)} of caches in ${caches.files} files; --yes does.`);
      return { json: { would: { bytes: caches.bytes, files: caches.files } } };
    }
    case 'empty-trash': {
      const days = number(context, 'older-than');
      const keep = number(context, 'keep');
      const { items, ...would } = await link.call('storage.trash', {
        ...(days === undefined ? {} : { olderThanDays: days }),
        ...(keep === undefined ? {} : { keepBytes: keep * 1e9 }),
      });
      const what = `${would.runs} runs and ${would.checkpoints} checkpoints`;
      if (!isMeant) {
        if (would.runs + would.checkpoints + would.locked === 0) context.print('Nothing would be deleted.');
        else context.print(`Would delete ${what}, ${bytes(would.bytes)} in ${would.files} files; ${would.locked} locked stay. --yes does.`);
        return { json: { would } };
      }
      const freed = await link.call('storage.purge', { items });
      context.print(`Deleted ${freed.runs} runs and ${freed.checkpoints} checkpoints, ${bytes(freed.bytes)} freed`);
      return { json: { freed } };
    }
  }
}

function number(context: Context, key: string): number | undefined {
  const given = text(context.values, key);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (given.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`--${key} must be a number of at least 0, found "${given}"`);
  return value;
}
