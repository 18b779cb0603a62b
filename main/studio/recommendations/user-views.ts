/** Users: the list of them, and what one of them gets. */
import { cutOffs, metricNames } from '#contract/run.ts';
import type { ParsedUsersRequest, RankedList, UserLine, UserLists, UsersPage } from '#contract/recommendation.ts';
import type { Inspection } from './inspection.ts';
import { within } from './inspection.ts';
import { valueOf, type PerUser, type RunLists } from './run-lists.ts';
import { passes, selectUsers, type UserValues } from './user-list.ts';

const filters = ['all', 'hit', 'miss', 'gained', 'lost'] as const;

/** A page of users with their value of the metric at K under one run or two, hits, and how many users each filter has. */
export async function usersPage(at: Inspection, segments: UsersPage['segments'], request: ParsedUsersRequest): Promise<UsersPage> {
  const { users, runs } = at;
  const perUser = await Promise.all(runs.map((run) => run.perUser(at.part)));
  const metric = `${request.metric}@${request.k}`;
  const column = (values: PerUser) => Float64Array.from({ length: users.users }, (_, user) => valueOf(values, user, metric) ?? NaN);
  const [a, b] = perUser.map(column);
  const values: UserValues = {
    trainRows: users.trainRows,
    segmentOf: (user) => users.segment(user),
    a: a!,
    ...(b === undefined ? {} : { b }),
  };
  const found = request.search.trim() === '' ? selectUsers(values, request) : users.find(request.search);
  const hitsOf = (one: PerUser, user: number) => Math.round((valueOf(one, user, `precision@${request.k}`) ?? 0) * request.k);
  const line = (user: number): UserLine => ({
    user,
    rawId: users.rawId(user),
    trainRows: users.trainRows[user]!,
    ...(Number.isNaN(a![user]!)
      ? {}
      : {
          values: [a!, ...(b === undefined ? [] : [b])].map((each, index) => ({
            value: each[user]!,
            hits: hitsOf(perUser[index]!, user),
          })),
        }),
  });
  const counts: Record<string, number> = {};
  for (const filter of filters) {
    let number = 0;
    for (let user = 0; user < users.users; user++) if (passes(values, user, filter)) number += 1;
    counts[filter] = number;
  }
  return {
    ...shown(at),
    rows: found.slice(request.offset, request.offset + request.limit).map(line),
    total: found.length,
    users: users.users,
    evaluated: perUser[0]!.users.length,
    segments,
    counts,
  };
}

/** `modalities`: names in the dataset's order. */
export async function userLists(at: Inspection, modalities: readonly string[], user: number, k: number): Promise<UserLists> {
  const { users, items, runs, part } = at;
  within('user', user, users.users);
  const history = [...users.items('train', user)];
  const heldOut = [...users.items(part, user)];
  const wanted = new Set(heldOut);
  const ranked = await Promise.all(runs.map((run) => run.list(user)));
  const ranks = ranked.map((list) => new Map([...list].map((item, index) => [item, index + 1])));
  const lists = await Promise.all(
    runs.map(async (run, index): Promise<RankedList> => {
      const list = ranked[index]!.subarray(0, k);
      const { from, values } = await run.scores(user, list);
      const shares = await run.shares(user, list);
      const other = ranks[1 - index];
      const rows = [...list].map((item, rank) => {
        const elsewhere = other?.get(item);
        const score = values[rank];
        const ofSources = shares?.[rank];
        return {
          item,
          ...(score === undefined || !Number.isFinite(score) ? {} : { score }),
          ...(ofSources === undefined ? {} : { shares: ofSources }),
          hit: wanted.has(item),
          ...(elsewhere === undefined ? {} : { other: elsewhere }),
        };
      });
      return {
        run: run.run,
        scores: from,
        rows,
        ...(shares === undefined ? {} : { sources: ['interactions', ...modalities] }),
        hits: rows.filter(({ hit }) => hit).length,
        metrics: await metricsOf(run, at, user, k),
      };
    }),
  );
  const named = new Set([...history, ...heldOut, ...lists.flatMap(({ rows }) => rows.map(({ item }) => item))]);
  return {
    ...shown(at),
    user,
    rawId: users.rawId(user),
    k,
    history,
    hasTimes: users.hasTimes,
    heldOut: heldOut.map((item) => ({ item, ranks: ranks.map((of) => of.get(item) ?? null) })),
    lists,
    items: [...named].flatMap((item) => items.item(item) ?? []),
  };
}

/** The user's own values at k; none where k is no cut-off or nothing of theirs is held out. */
async function metricsOf(run: RunLists, { part }: Inspection, user: number, k: number): Promise<Record<string, number>> {
  const metrics: Record<string, number> = {};
  if (!cutOffs.some((cutOff) => cutOff === k)) return metrics;
  const perUser = await run.perUser(part);
  for (const name of metricNames) {
    const value = valueOf(perUser, user, `${name}@${k}`);
    if (value !== undefined) metrics[`${name}@${k}`] = value;
  }
  return metrics;
}

/** What an answer says of the part it is about. */
export function shown({ part, parts, masked }: Inspection): Pick<UsersPage, 'part' | 'parts' | 'masked'> {
  return { part, parts: [...parts], ...(masked === undefined ? {} : { masked }) };
}
