import * as v from 'valibot';
import { itemSchema } from './dataset.ts';
import { cutOffs, metricNames } from './run.ts';

/**
 * Recommendations of finished runs: what a user gets, who gets an item, where two runs differ, and what a person preferred without
 * knowing which is which. Ranks count from 1; users and items are inner numbers unless a name says raw.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const page = {
  offset: v.optional(count, 0),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)), 50),
};

/** No list is longer than what a run keeps. */
export const longestList = 50;
const listLength = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(longestList)), 10);
const cutOff = v.optional(v.picklist(cutOffs), 10);

/** A run with lists: what the two selectors offer. */
export const listedRunSchema = v.object({
  id: v.string(),
  model: v.string(),
  modelTitle: v.string(),
  dataset: v.string(),
  datasetName: v.string(),
  seed: v.number(),
  /** "cl_loss 0.01, seed 1". */
  details: v.string(),
  sentence: v.string(),
  /** Whether its test values may be seen. */
  isTestShown: v.boolean(),
});
export type ListedRun = v.InferOutput<typeof listedRunSchema>;

/** `auto`: test where every run shows it, else validation. Asked for while a run masks it, test is refused. */
const part = v.optional(v.picklist(['auto', 'validation', 'test']), 'auto');
const pair = { a: v.string(), b: v.optional(v.string()), part };
/** What held-out items are shown, and why not the test items where they are not. */
const shownPart = {
  part: v.picklist(['validation', 'test']),
  masked: v.optional(v.string()),
  /** Parts that may be asked for. */
  parts: v.array(v.picklist(['validation', 'test'])),
};

/** gained, lost: B better or worse than A in the metric; hit: at least one of them finds an item. */
const userFilters = ['all', 'hit', 'miss', 'gained', 'lost'] as const;
const userOrders = ['number', 'train', 'wins-a', 'wins-b', 'random'] as const;

export const usersRequestSchema = v.object({
  ...pair,
  ...page,
  metric: v.optional(v.picklist(metricNames), 'recall'),
  k: cutOff,
  /** Ids of user segments; none for all. */
  segments: v.optional(v.array(v.string()), []),
  filter: v.optional(v.picklist(userFilters), 'all'),
  /** wins-a: users where A is better than B, most first. */
  order: v.optional(v.picklist(userOrders), 'number'),
  /** Of the random order. */
  seed: v.optional(count, 7),
  /** Original id or inner number; where it is given the filters are left out. */
  search: v.optional(v.string(), ''),
});
export type ParsedUsersRequest = v.InferOutput<typeof usersRequestSchema>;

const userLineSchema = v.object({
  user: count,
  rawId: v.string(),
  trainRows: count,
  /** Values and hits of A and B; absent where the user has nothing held out in this part. */
  values: v.optional(v.array(v.object({ value: v.number(), hits: count }))),
});
export type UserLine = v.InferOutput<typeof userLineSchema>;

export const usersPageSchema = v.object({
  ...shownPart,
  rows: v.array(userLineSchema),
  total: count,
  users: count,
  evaluated: count,
  segments: v.array(v.object({ id: v.string(), label: v.string(), count })),
  /** Users per filter, all segments. */
  counts: v.record(v.string(), count),
});
export type UsersPage = v.InferOutput<typeof usersPageSchema>;

const listRowSchema = v.object({
  item: count,
  /** Absent where the run has neither scores nor vectors. */
  score: v.optional(v.number()),
  hit: v.boolean(),
  /** What each of the list's `sources` adds to the score; they sum to it within rounding. */
  shares: v.optional(v.array(v.number())),
  /** Rank in the other list, as far as it is kept. */
  other: v.optional(count),
});

const rankedListSchema = v.object({
  run: v.string(),
  /** stored beside the list; computed from the run's vectors; or none. */
  scores: v.picklist(['stored', 'computed', 'none']),
  rows: v.array(listRowSchema),
  /** Where the model's item vectors come from, where it tells: interactions, then the modalities. */
  sources: v.optional(v.array(v.string())),
  hits: count,
  /** recall, ndcg, precision and map of this user at k, where k is a cut-off and the user is evaluated. */
  metrics: v.record(v.string(), v.number()),
});
export type RankedList = v.InferOutput<typeof rankedListSchema>;

export const listsRequestSchema = v.object({ ...pair, user: count, k: listLength });

export const userListsSchema = v.object({
  ...shownPart,
  user: count,
  rawId: v.string(),
  k: count,
  /** Train items, latest first where the source has times, else in the order of the source. */
  history: v.array(count),
  hasTimes: v.boolean(),
  /** With the rank that finds each in A and B. */
  heldOut: v.array(v.object({ item: count, ranks: v.array(v.nullable(count)) })),
  lists: v.array(rankedListSchema),
  /** Every item named above. */
  items: v.array(itemSchema),
});
export type UserLists = v.InferOutput<typeof userListsSchema>;

/** Train items of a user with the score each has and the rank it would have, were train items not left out. */
export const maskedItemsSchema = v.object({
  rows: v.array(v.object({ item: count, score: v.number(), rank: v.optional(count) })),
  /** Why there are none. */
  missing: v.optional(v.string()),
  items: v.array(itemSchema),
});

export const itemRequestSchema = v.object({ ...pair, ...page, item: count, k: listLength });

export const itemViewSchema = v.object({
  ...shownPart,
  item: itemSchema,
  k: count,
  users: count,
  /** Per run: users with the item in their top k, and this item's place among all items by that. */
  exposure: v.array(v.object({ run: v.string(), users: count, place: count })),
  /** Users who have it held out, and how many of them get it in their top k, per run. */
  heldOut: v.object({ users: count, found: v.array(count) }),
  receivers: v.array(v.object({ user: count, rawId: v.string(), ranks: v.array(v.nullable(count)) })),
  /** Users who get it from any of the runs. */
  total: count,
});
export type ItemView = v.InferOutput<typeof itemViewSchema>;

export const neighboursRequestSchema = v.object({
  dataset: v.string(),
  item: count,
  /** Whose item vectors are looked at besides the modalities. */
  runs: v.optional(v.array(v.string()), []),
  k: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50)), 6),
});

export const neighboursSchema = v.object({
  sources: v.array(
    v.object({
      kind: v.picklist(['modality', 'vectors']),
      /** Name of the modality, or id of the run. */
      name: v.string(),
      rows: v.array(v.object({ item: count, cosine: v.number() })),
      missing: v.optional(v.string()),
    }),
  ),
  items: v.array(itemSchema),
});
export type ItemNeighbours = v.InferOutput<typeof neighboursSchema>;

const voteChoices = ['a', 'b', 'tie'] as const;
export const voteRequestSchema = v.object({ a: v.string(), b: v.string(), user: count, k: listLength, choice: v.picklist(voteChoices) });
export const voteSchema = v.object({ id: v.number(), at: v.number(), user: count, k: count, choice: v.picklist(voteChoices) });

/** Blind votes over a pair of runs: a sign test over those that are no ties, and Clopper–Pearson's interval of the share for A. */
export const tallySchema = v.object({
  counts: v.object({ a: count, b: count, tie: count }),
  sign: v.optional(v.object({ n: count, p: v.number(), share: v.number(), low: v.number(), high: v.number(), level: v.number() })),
  /** Newest first. */
  votes: v.array(voteSchema),
});
export type Tally = v.InferOutput<typeof tallySchema>;
