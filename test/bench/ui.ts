/**
 * The goals of the interface (studio.md section 6) that can be measured in Chromium, each beside its bound: the ratio to a fixed load
 * first, then the value, medians of seven repetitions or more. What this machine cannot judge is listed with the reason.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import { putStore } from './kept-store.ts';
import { chartRows } from './ui/charts.ts';
import { fixedLoad } from './ui/fixed-load.ts';
import { notJudged } from './ui/goals.ts';
import { repeated } from './ui/repeated.ts';
import { filterOnce, groupOnce, settled, sortOnce, switchOnce, undoOnce } from './ui/runs-table.ts';
import { openBrowser, openPage, serveHome, type Served } from './ui/served.ts';
import { timedRow, uiJson, uiLine, unjudgedRow, type UiRow } from './ui/ui-report.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    store: { type: 'string', multiple: true },
    repeats: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const repeats = Number(values.repeats);
const rows: UiRow[] = [];
const wants = (goal: number) => values.only === undefined || values.only.includes(String(goal));
const tell = (found: readonly UiRow[]) => {
  rows.push(...found);
  for (const row of found) process.stderr.write(`${uiLine(row)}\n`);
};

/** Rows of one store, measured one after the other in one browser. */
async function measureStore(runs: number, measure: (browser: Browser, served: Served) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'avocet-bench-ui-'));
  let served: Served | undefined;
  let browser: Browser | undefined;
  try {
    putStore(home, runs);
    served = await serveHome(home);
    browser = await openBrowser();
    await measure(browser, served);
  } finally {
    await browser?.close();
    await served?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function tableRows(page: Page, filter: 'filter' | 'filterMany', sort: 'sort' | 'sortMany'): Promise<void> {
  const fixed = () => fixedLoad(page);
  await settled(page);
  await filterOnce(page, 0);
  tell([timedRow(filter, await repeated((repetition) => filterOnce(page, repetition + 1), fixed, repeats))]);
  await page.getByRole('combobox', { name: 'Filter runs' }).fill('');
  await sortOnce(page);
  tell([timedRow(sort, await repeated(() => sortOnce(page), fixed, repeats))]);
}

const stores = (values.store ?? ['10000', '100000']).map(Number);
if (stores.includes(10_000) && [5, 8, 12, 15, 17, 33].some(wants))
  await measureStore(10_000, async (browser, { address }) => {
    const page = await openPage(browser, address, '#/runs');
    if (wants(5)) await tableRows(page, 'filter', 'sort');
    const fixed = () => fixedLoad(page);
    if (wants(8)) {
      await groupOnce(page);
      await groupOnce(page);
      tell([timedRow('group', await repeated(() => groupOnce(page), fixed, repeats))]);
    }
    if (wants(33)) tell([timedRow('undo', await repeated(() => undoOnce(page), fixed, repeats))]);
    if (wants(17)) {
      await switchOnce(page);
      tell([timedRow('switching', await repeated(() => switchOnce(page), fixed, repeats))]);
    }
    if ([12, 15].some(wants)) tell(await chartRows(page, repeats, wants));
    await page.close();
  });
if (stores.includes(100_000) && wants(6))
  await measureStore(100_000, async (browser, { address }) => {
    await tableRows(await openPage(browser, address, '#/runs'), 'filterMany', 'sortMany');
  });
if (values.only === undefined) tell(notJudged.map(({ goals, title, reason }) => unjudgedRow(goals, title, reason)));

rows.sort((a, b) => parseInt(a.number) - parseInt(b.number));
process.stdout.write(values.json ? `${uiJson(rows)}\n` : `${rows.map(uiLine).join('\n')}\n`);
