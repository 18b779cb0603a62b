/** Console lines of runs: complete in `console.jsonl` of the run's folder, the last ones in memory while it is watched. */
import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleLine } from '#contract/run.ts';

const fileName = 'console.jsonl';
const [newline, brace] = [10, 125];

/** On a full disk lines are lost and nothing else: the record of epochs is in the store. */
export function appendLines(folder: string, lines: readonly ConsoleLine[]): void {
  if (lines.length === 0) return;
  try {
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, fileName), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  } catch {
    return;
  }
}

/**
 * The last `limit` lines and how many there are. A line cut off by a kill or a full disk is left out, with what was written behind it. A
 * command of the person's own may say more than memory or a text holds: lines are found piece by piece, and only the last are read.
 */
export function readLines(folder: string, limit: number, pieceBytes = 4 * 1024 * 1024): { lines: ConsoleLine[]; total: number } {
  let file: number;
  try {
    file = openSync(join(folder, fileName), 'r');
  } catch {
    return { lines: [], total: 0 };
  }
  try {
    const { total, kept } = wholeLines(file, limit, pieceBytes);
    return { total, lines: kept.flatMap(([from, to]) => lineIn(textAt(file, from, to))) };
  } finally {
    closeSync(file);
  }
}

type Place = readonly [from: number, to: number];

/** Where the last `limit` lines lie, of all that end as a line does. */
function wholeLines(file: number, limit: number, pieceBytes: number): { total: number; kept: Place[] } {
  const { size } = fstatSync(file);
  const piece = Buffer.alloc(Math.min(size, pieceBytes));
  let kept: Place[] = [];
  let total = 0;
  let [start, before] = [0, 0];
  const take = (end: number, last: number) => {
    if (last === brace) {
      total += 1;
      kept.push([start, end]);
      if (kept.length >= 2 * limit) kept = kept.slice(-limit);
    }
    start = end + 1;
  };
  for (let at = 0, read = 0; at < size; at += read) {
    read = readSync(file, piece, 0, Math.min(piece.length, size - at), at);
    if (read === 0) break;
    for (let end = piece.indexOf(newline); end >= 0 && end < read; end = piece.indexOf(newline, end + 1))
      take(at + end, end === 0 ? before : piece[end - 1]!);
    before = piece[read - 1]!;
  }
  if (start < size) take(size, before);
  return { total, kept: limit > 0 ? kept.slice(-limit) : [] };
}

function textAt(file: number, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  readSync(file, bytes, 0, bytes.length, from);
  return bytes.toString('utf8');
}

function lineIn(text: string): readonly ConsoleLine[] {
  try {
    return [JSON.parse(text) as ConsoleLine];
  } catch {
    return [];
  }
}
