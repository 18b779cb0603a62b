import { createHash, type Hash } from 'node:crypto';
import type { FingerprintVerdict } from '#contract/dataset.ts';
import type { Fingerprint, Part } from './dataset.ts';
import { sequenceHashOf } from './sequences.ts';

/** Rows of the three parts, enough to fingerprint them. */
export interface SplitRows {
  readonly users: number;
  readonly items: number;
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
}

/** Lines buffered before they are hashed: many small updates are slow. */
const flushAt = 65_536;

class LineHash {
  readonly #hash: Hash = createHash('sha256');
  #text = '';

  add(line: string): void {
    this.#text += line;
    if (this.#text.length > flushAt) {
      this.#hash.update(this.#text);
      this.#text = '';
    }
  }

  digest(): string {
    return this.#hash.update(this.#text).digest('hex');
  }
}

/** split_hash, split_shape and graph_shape exactly as protocol.md section 3 defines them; sequence_hash where the split has one. */
export function fingerprintOf(rows: SplitRows): Omit<Fingerprint, 'fileHash'> {
  const parts = [rows.train, rows.validation, rows.test];
  const sequenceHash = sequenceHashOf(rows);
  return { splitHash: splitHash(rows.users, parts), ...shapes(rows, parts), ...(sequenceHash === undefined ? {} : { sequenceHash }) };
}

// Lines are sorted as integers by label, user, item: a counting sort by user, then a sort inside each user's few items.
function splitHash(users: number, parts: readonly Pick<Part, 'users' | 'items'>[]): string {
  const hash = new LineHash();
  parts.forEach((part, label) => {
    const starts = new Int32Array(users + 1);
    for (const user of part.users) starts[user + 1]! += 1;
    for (let u = 0; u < users; u++) starts[u + 1]! += starts[u]!;
    const fill = starts.slice(0, users);
    const sorted = new Int32Array(part.items.length);
    for (let r = 0; r < part.items.length; r++) {
      const user = part.users[r]!;
      sorted[fill[user]!] = part.items[r]!;
      fill[user]! += 1;
    }
    for (let u = 0; u < users; u++) {
      const own = sorted.subarray(starts[u]!, starts[u + 1]!).sort();
      for (const item of own) hash.add(`${label}\t${u}\t${item}\n`);
    }
  });
  return hash.digest();
}

function shapes(rows: SplitRows, parts: readonly Pick<Part, 'users' | 'items'>[]): { splitShape: string; graphShape: string } {
  const split = new LineHash();
  const graph = new LineHash();
  const sides = [
    { letter: 'u', size: rows.users, column: (part: Pick<Part, 'users' | 'items'>) => part.users },
    { letter: 'i', size: rows.items, column: (part: Pick<Part, 'users' | 'items'>) => part.items },
  ];
  for (const side of sides) {
    const counts = parts.map((part) => countIds(side.column(part), side.size));
    // Sorted as integers by train, validation, test; a shape says nothing about which id it belongs to.
    const order = Array.from({ length: side.size }, (_, id) => id);
    order.sort((a, b) => counts[0]![a]! - counts[0]![b]! || counts[1]![a]! - counts[1]![b]! || counts[2]![a]! - counts[2]![b]!);
    for (const id of order) split.add(`${side.letter}\t${counts[0]![id]!}\t${counts[1]![id]!}\t${counts[2]![id]!}\n`);
    const totals = Int32Array.from({ length: side.size }, (_, id) => counts[0]![id]! + counts[1]![id]! + counts[2]![id]!).sort();
    for (const total of totals) graph.add(`${side.letter}\t${total}\n`);
  }
  return { splitShape: split.digest(), graphShape: graph.digest() };
}

/** How often each id below `size` occurs. */
export function countIds(ids: Int32Array, size: number): Int32Array {
  const counts = new Int32Array(size);
  for (const id of ids) counts[id]! += 1;
  return counts;
}

/** How two datasets relate; names play no part. */
export function compareFingerprints(a: Fingerprint, b: Fingerprint): FingerprintVerdict {
  if (a.splitHash === b.splitHash) return 'same-split';
  if (a.splitShape === b.splitShape) return 'same-split-other-ids';
  if (a.graphShape === b.graphShape) return 'other-split';
  return 'other-data';
}

/** feature_hash: SHA-256 of the line `type TAB [rows,width] LF`, then the values little-endian in their own type, row by row. */
export function featureHash(type: string, rows: number, width: number): Hash {
  return createHash('sha256').update(`${type}\t[${rows},${width}]\n`);
}
