/** All of the runs table as a file: from the click to the file that the page hands over, with what the main thread does meanwhile. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';

/** How many runs a file holds. */
const counters = {
  CSV: (bytes: Uint8Array) => strFromU8(bytes).trimEnd().split('\r\n').length - 1,
  'Excel workbook': (bytes: Uint8Array) => {
    const sheet = unzipSync(bytes, { filter: ({ name }) => name === 'xl/worksheets/sheet1.xml' })['xl/worksheets/sheet1.xml'];
    return sheet === undefined ? 0 : strFromU8(sheet).split('<row ').length - 2;
  },
} as const;

/** Seconds. The wide table is open; the file must hold a row for every run. */
export async function exportOnce(page: Page, format: keyof typeof counters, runs: number): Promise<number> {
  await page.getByRole('button', { name: 'More', exact: true }).first().click();
  const item = page.getByRole('menuitem', { name: `Export all matched as ${format}` });
  await item.waitFor();
  const waiting = page.waitForEvent('download', { timeout: 180_000 });
  const started = performance.now();
  await item.click();
  const download = await waiting;
  const took = (performance.now() - started) / 1000;
  const found = counters[format](readFileSync(await download.path()));
  if (found !== runs) throw new Error(`the ${format} has ${found} of ${runs} runs`);
  return took;
}
