/** Recommendations: from Enter behind a user's number to the lists of two models. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';

const root = join(import.meta.dirname, '../../..');

/** Two models over the demo, trained for a moment: their lists are whole, whatever they are worth. */
export async function trainBriefly(home: string): Promise<void> {
  for (const model of ['lightgcn', 'mgcn'])
    await promisify(execFile)(
      process.execPath,
      [join(root, 'main/cli/avocet.mjs'), 'run', '--dataset', 'demo', '--model', model, '--seeds', '1', '--epochs', '2', '--home', home],
      { cwd: root, env: { ...process.env, AVOCET_MEASURE: 'off' }, maxBuffer: 1e8 },
    );
}

export async function openRecommendations(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#/recommendations'));
  await page.getByRole('heading', { name: /^User \d+$/ }).waitFor({ timeout: 60_000 });
}

/** Milliseconds from Enter to the painted lists of another user. */
export async function userOnce(page: Page, repetition: number): Promise<number> {
  const user = 100 + ((repetition * 37) % 600);
  const field = page.getByRole('searchbox', { name: 'User or item' });
  await field.fill(String(user));
  await page.evaluate((wanted) => {
    window.bench.pending = window.bench.afterEvent('keydown', () => {
      const isNamed = [...document.querySelectorAll('main h2, main h3, main h1')].some(
        (each) => each.textContent.trim() === `User ${wanted}`,
      );
      const lists = [...document.querySelectorAll('main section[aria-label^="A:"] li, main section[aria-label^="B:"] li')];
      return isNamed && lists.length >= 20 && document.querySelector('main [role="status"][aria-label^="Loading"]') === null;
    });
  }, user);
  await field.press('Enter');
  return page.evaluate(() => window.bench.pending!);
}
