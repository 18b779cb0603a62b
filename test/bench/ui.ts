/**
 * The goals of the interface (studio.md section 6) that can be measured in Chromium, each beside its bound: the ratio to a fixed load
 * first, then the value, medians of seven repetitions or more. What this machine cannot judge is listed with the reason. `--base FILE`, what
 * another version printed with --json, sets each ratio beside that version's; a fifth more ends with code 1.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { notJudged } from './ui/goals.ts';
import { measureDemo, measureMany, measureTable, measureTests, type Wanted } from './ui/groups.ts';
import { besideBase, uiJson, uiLine, unjudgedRow, worseFrom, type UiRow } from './ui/ui-report.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    store: { type: 'string', multiple: true },
    repeats: { type: 'string', default: '7' },
    base: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const rows: UiRow[] = [];
const wanted: Wanted = {
  repeats: Number(values.repeats),
  wants: (...goals) => values.only === undefined || goals.some((goal) => values.only!.includes(String(goal))),
  tell: (found) => {
    rows.push(...found);
    for (const row of found) process.stderr.write(`${uiLine(row)}\n`);
  },
};

const stores = (values.store ?? ['10000', '100000']).map(Number);
if (stores.includes(10_000)) {
  await measureTable(wanted);
  await measureTests(wanted);
  await measureDemo(wanted);
}
if (stores.includes(100_000)) await measureMany(wanted);
const range = (numbers: readonly number[]) => (numbers.length < 3 ? numbers.join(', ') : `${numbers[0]}–${numbers[numbers.length - 1]}`);
if (values.only === undefined) wanted.tell(notJudged.map(({ numbers, title, reason }) => unjudgedRow(range(numbers), title, reason)));

const told = values.base === undefined ? rows : besideBase(rows, readFileSync(values.base, 'utf8'));
const sorted = [...told].sort((a, b) => parseInt(a.number) - parseInt(b.number));
process.stdout.write(values.json ? `${uiJson(sorted)}\n` : `${sorted.map(uiLine).join('\n')}\n`);
if (sorted.some(({ toBase }) => toBase !== null && toBase > worseFrom)) process.exitCode = 1;
