/** Sample outputs of a run with the words of its dataset, and which users runs sample from now on. */
import { ProblemError } from '#contract/problem.ts';
import type { Samples } from '#contract/samples.ts';
import type { Store } from '#store/store.ts';
import type { StudioCore } from './core.ts';

const key = (dataset: string) => `samples.${dataset}`;

/** Users asked for on a dataset; none: the trainer draws them. */
export function pinnedUsers(store: Store, dataset: string): number[] {
  const found = store.preferences.get(key(dataset));
  return Array.isArray(found) ? found.filter((user): user is number => typeof user === 'number') : [];
}

/** @throws ProblemError samples.unknown-user */
export async function pinUsers({ store, library }: StudioCore, dataset: string, users: readonly number[]): Promise<void> {
  const table = await library.userTable(dataset);
  for (const user of users) {
    const reason =
      user >= table.users
        ? `there is no user ${user}`
        : table.items('validation', user).length === 0
          ? `user ${user} has nothing held out for validation`
          : undefined;
    if (reason !== undefined)
      throw new ProblemError({
        kind: 'config',
        code: 'samples.unknown-user',
        message: `These users cannot be sampled: ${reason}`,
        values: { user },
        fix: `Choose numbers below ${table.users} of users with validation items.`,
      });
  }
  store.preferences.set(key(dataset), [...new Set(users)]);
}

/** The lists that a run's sample of users had at each new best epoch, best item first, with the items and held-out items by name. @throws ProblemError run.unknown */
export async function samplesOfRun({ store, library, view }: StudioCore, id: string): Promise<Samples> {
  const run = view.find(id);
  const stored = store.samples.of(id);
  const pinned = pinnedUsers(store, run.dataset);
  const last = stored[stored.length - 1];
  if (last === undefined || store.datasets.get(run.dataset) === undefined) return { users: [], epochs: [], items: [], pinned };
  const [users, items] = await Promise.all([library.userTable(run.dataset), library.itemTable(run.dataset)]);
  // Pinned anew between two attempts, the users changed: what is shown are those of the last.
  const alike = stored.filter((sample) => sample.users.join() === last.users.join());
  const shown = last.users.map((user) => ({
    user,
    rawId: users.rawId(user),
    trainRows: users.trainRows[user] ?? 0,
    heldOut: [...users.items('validation', user)],
  }));
  const named = new Set([...alike.flatMap((sample) => sample.items.flat()), ...shown.flatMap(({ heldOut }) => heldOut)]);
  return {
    users: shown,
    epochs: alike.map((sample) => ({ epoch: sample.epoch, lists: sample.items.map((list) => [...list]) })),
    items: [...named].flatMap((item) => items.item(item) ?? []),
    pinned,
  };
}
