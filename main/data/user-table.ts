import { searchable } from '#contract/searched-text.ts';
import { userSegmentOf, userSegments } from '#contract/segments.ts';
import { openDataset, partNames, readManifest, type PartName } from './dataset-folder.ts';
import type { Part } from './dataset.ts';
import { readRemarks } from './remarks.ts';
import { readUserIds } from './user-ids.ts';

/** Rows of a part by user: user u has `items[offsets[u] … offsets[u+1])`, in the order in which they are shown. */
interface ShownRows {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** The users of one dataset: what each has in every part, and the ids of the source. Keep it while the dataset is looked at. */
export class UserTable {
  readonly users: number;
  readonly hasTimes: boolean;
  /** Train rows of each user. */
  readonly trainRows: Int32Array;
  readonly #parts: Readonly<Record<PartName, ShownRows>>;
  readonly #rawIds: readonly string[] | undefined;
  readonly #bounds: readonly number[];
  readonly #segments: readonly string[];
  readonly #byRawId = new Map<string, number>();

  private constructor(
    parts: Readonly<Record<PartName, ShownRows>>,
    hasTimes: boolean,
    rawIds: readonly string[] | undefined,
    bounds: readonly number[],
  ) {
    this.#bounds = bounds;
    this.#segments = userSegments(bounds).map(({ id }) => id);
    this.#parts = parts;
    this.#rawIds = rawIds;
    this.hasTimes = hasTimes;
    const { offsets } = parts.train;
    this.users = offsets.length - 1;
    this.trainRows = Int32Array.from({ length: this.users }, (_, user) => offsets[user + 1]! - offsets[user]!);
    rawIds?.forEach((rawId, user) => this.#byRawId.set(rawId, user));
  }

  static async open(folder: string): Promise<UserTable> {
    const manifest = await readManifest(folder);
    const dataset = await openDataset(folder, { features: false });
    const [train, validation, test] = partNames.map((name) => rowsOf(dataset[name], manifest.users));
    const rawIds = await readUserIds(folder, manifest);
    return new UserTable(
      { train: train!, validation: validation!, test: test! },
      manifest.hasTimes,
      rawIds,
      (await readRemarks(folder)).segments.users,
    );
  }

  /** Items of a user in a part, latest first where the source has times, else in the order of the source. */
  items(part: PartName, user: number): Int32Array {
    const { offsets, items } = this.#parts[part];
    return items.subarray(offsets[user]!, offsets[user + 1]!);
  }

  /** Users who have the item in a part. */
  having(part: PartName, item: number): number[] {
    const { offsets, items } = this.#parts[part];
    const found: number[] = [];
    for (let user = 0; user < this.users; user++)
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) if (items[at] === item) found.push(user);
    return found;
  }

  /** Id in the source; the inner number where the source numbers from 0 itself, or the import kept none. */
  rawId(user: number): string {
    return this.#rawIds?.[user] ?? String(user);
  }

  /** Id of the user's segment by train rows. */
  segment(user: number): string {
    return this.#segments[userSegmentOf(this.trainRows[user]!, this.#bounds)]!;
  }

  /**
   * Users by original id or inner number: exactly that id, that number, then ids that differ in case and accents alone, then those that start with it, at most 200. "#12" is the
   * number alone.
   */
  find(search: string): number[] {
    const wanted = search.trim();
    const [, mark, digits] = /^(#?)(\d+)$/.exec(wanted) ?? [];
    const number = digits === undefined || Number(digits) >= this.users ? undefined : Number(digits);
    if (mark === '#') return number === undefined ? [] : [number];
    const found = new Set<number>();
    const exact = this.#byRawId.get(wanted);
    if (exact !== undefined) found.add(exact);
    if (number !== undefined) found.add(number);
    if (wanted === '') return [];
    const start = searchable(wanted);
    const longer: number[] = [];
    for (let user = 0; user < this.users && longer.length < 200; user++) {
      const id = searchable(this.rawId(user));
      if (id === start) found.add(user);
      else if (id.startsWith(start)) longer.push(user);
    }
    return [...found, ...longer].slice(0, 200);
  }
}

function rowsOf(part: Part, users: number): ShownRows {
  const offsets = new Int32Array(users + 1);
  for (const user of part.users) offsets[user + 1]! += 1;
  for (let user = 0; user < users; user++) offsets[user + 1]! += offsets[user]!;
  const order = new Int32Array(part.users.length);
  const next = offsets.slice(0, users);
  for (let row = 0; row < part.users.length; row++) {
    const user = part.users[row]!;
    order[next[user]!] = row;
    next[user]! += 1;
  }
  const { times } = part;
  if (times !== undefined)
    for (let user = 0; user < users; user++)
      order.subarray(offsets[user]!, offsets[user + 1]!).sort((a, b) => times[b]! - times[a]! || b - a);
  return { offsets, items: order.map((row) => part.items[row]!) };
}
