import { expect, type Locator, type Page } from '@playwright/test';

/** The queue by role and name. */
export class QueuePage {
  readonly page: Page;
  readonly waiting: Locator;
  readonly finished: Locator;

  constructor(page: Page) {
    this.page = page;
    this.waiting = page.getByRole('region', { name: 'Waiting' });
    this.finished = page.getByRole('region', { name: 'Finished today' });
  }

  card(title: string | RegExp): Locator {
    return this.page.getByRole('article', { name: title });
  }

  /** Titles of the waiting runs in their order: "EGRA on Demo, seed 2". */
  async order(): Promise<string[]> {
    const handles = await this.waiting.getByRole('button', { name: /place \d+/ }).all();
    return Promise.all(handles.map(async (handle) => ((await handle.getAttribute('aria-label')) ?? '').replace(/, place.*/, '')));
  }

  handle(title: string): Locator {
    return this.waiting.getByRole('button', { name: new RegExp(`^${title}, place`) });
  }

  /** The epoch a card shows, 0 before the first. */
  async epoch(card: Locator): Promise<number> {
    const text = await card.innerText();
    return Number(/Epoch[^\d]*?\n+([\d,]+)\s+of/.exec(text.replace(/, stage \d of \d/, ''))?.[1]?.replaceAll(',', '') ?? 0);
  }

  async waitForEpoch(card: Locator, beyond: number): Promise<void> {
    await expect.poll(() => this.epoch(card), { timeout: 60_000 }).toBeGreaterThan(beyond);
  }
}
