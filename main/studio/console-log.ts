/** Console lines of runs: complete in `console.jsonl` of the run's folder, the last ones in memory while it is watched. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleLine } from '#contract/run.ts';

const fileName = 'console.jsonl';

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

/** The last `limit` lines and how many there are. A line cut off by a kill or a full disk is left out, with what was written behind it. */
export function readLines(folder: string, limit: number): { lines: ConsoleLine[]; total: number } {
  let text: string;
  try {
    text = readFileSync(join(folder, fileName), 'utf8');
  } catch {
    return { lines: [], total: 0 };
  }
  const whole = text.split('\n').filter((line) => line.endsWith('}'));
  return { lines: whole.slice(Math.max(0, whole.length - limit)).flatMap(lineIn), total: whole.length };
}

function lineIn(text: string): readonly ConsoleLine[] {
  try {
    return [JSON.parse(text) as ConsoleLine];
  } catch {
    return [];
  }
}
