import { expect, type Locator, type Page } from '@playwright/test';
import { epochOf } from './epoch.ts';

/** The queue by role and name. */
export class QueuePage {
  readonly page: Page;
  readonly waiting: Locator;
  readonly finished: Locator;
  readonly #handles: Locator;

  constructor(page: Page) {
    this.page = page;
    this.waiting = page.getByRole('region', { name: 'Waiting' });
    this.finished = page.getByRole('region', { name: 'Finished today' });
    this.#handles = this.waiting.getByRole('button', { name: /place \d+/ });
  }

  card(title: string | RegExp): Locator {
    return this.page.getByRole('article', { name: title });
  }

  /** Titles of the waiting runs that are shown, in their order: "EGRA on Demo, seed 2". */
  async order(): Promise<string[]> {
    const labels = await this.#handles.evaluateAll((handles) => handles.map((handle) => handle.getAttribute('aria-label') ?? ''));
    return labels.map((label) => label.replace(/, place.*/, ''));
  }

  /** The whole waiting list, of which only the first are shown. Asked for while nothing leaves the list. */
  async showAll(): Promise<void> {
    await expect(this.#handles.first()).toBeVisible();
    const all = this.waiting.getByRole('button', { name: 'Show all', exact: true });
    if (await all.isVisible()) await all.click();
    await expect(all).toHaveCount(0);
  }

  /** Lets a waiting run be the next one, until it runs. */
  async bringToRun(title: string, timeout: number): Promise<void> {
    const buttons = [
      this.waiting.getByRole('button', { name: 'Show all', exact: true }),
      this.waiting.getByRole('button', { name: `Run next: ${title}`, exact: true }),
    ];
    await expect(async () => {
      for (const button of buttons) if (await button.isVisible()) await button.click({ timeout: 2000 });
      await expect(this.card(title)).toBeVisible({ timeout: 5000 });
    }).toPass({ timeout });
  }

  handle(title: string): Locator {
    return this.waiting.getByRole('button', { name: new RegExp(`^${title}, place`) });
  }

  /** The epoch a card shows, 0 before the first and where there is no card. */
  epoch(card: Locator): Promise<number> {
    return epochOf(card);
  }

  async waitForEpoch(card: Locator, beyond: number): Promise<void> {
    await expect.poll(() => epochOf(card), { timeout: 120_000 }).toBeGreaterThan(beyond);
  }
}
