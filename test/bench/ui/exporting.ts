/** All of the runs table as CSV: from the click to the file that the page hands over, with what the main thread does meanwhile. */
import type { Page } from '@playwright/test';

/** Seconds. The wide table is open; the file must hold a line for every run. */
export async function exportOnce(page: Page, runs: number): Promise<number> {
  await page.getByRole('button', { name: 'More', exact: true }).first().click();
  const item = page.getByRole('menuitem', { name: 'Export all matched as CSV' });
  await item.waitFor();
  const waiting = page.waitForEvent('download', { timeout: 120_000 });
  const started = performance.now();
  await item.click();
  const download = await waiting;
  const took = (performance.now() - started) / 1000;
  const text = await new Response((await download.createReadStream()) as unknown as ReadableStream).text();
  const lines = text.trimEnd().split('\r\n').length - 1;
  if (lines !== runs) throw new Error(`the file has ${lines} of ${runs} runs`);
  return took;
}
