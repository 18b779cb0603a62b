import { expect, type Locator, type Page } from '@playwright/test';

/** The screen Queue: cards of what runs, the waiting list, what ended today. */
export class QueuePage {
  readonly page: Page;
  readonly cards: Locator;
  readonly waiting: Locator;
  readonly finished: Locator;

  constructor(page: Page) {
    this.page = page;
    this.cards = page.getByRole('article');
    this.waiting = page.getByRole('region', { name: 'Waiting' });
    this.finished = page.getByRole('region', { name: 'Finished today' });
  }

  /** The card of the run with this title. */
  card(title: string | RegExp): Locator {
    return this.page.getByRole('article', { name: title });
  }

  /** Stops what runs, keeping the best epochs, until no card is left; the queue is held, so that nothing new starts. */
  async stopAll(): Promise<void> {
    await expect(async () => {
      for (const card of await this.cards.all()) await card.getByRole('button', { name: 'Stop', exact: true }).click({ timeout: 2000 });
      await expect(this.cards).toHaveCount(0, { timeout: 5000 });
    }).toPass({ timeout: 120_000 });
  }

  async waitUntilIdle(timeout: number): Promise<void> {
    await expect(this.page.getByText('Nothing is running or waiting.')).toBeVisible({ timeout });
  }
}
