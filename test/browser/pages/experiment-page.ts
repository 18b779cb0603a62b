import { expect, type Locator, type Page } from '@playwright/test';
import { untick } from './untick.ts';

/** The screen New experiment: what, how, and the plan that is started. */
export class ExperimentPage {
  readonly page: Page;
  readonly what: Locator;

  constructor(page: Page) {
    this.page = page;
    this.what = page.getByRole('region', { name: 'What' });
  }

  start(): Locator {
    return this.page.getByRole('button', { name: /^Start \d+ runs? · about / });
  }

  async describe({ name, question, note }: { name: string; question: string; note: string }): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Name of the experiment' }).fill(name);
    await this.page.getByRole('textbox', { name: 'Question of the experiment' }).fill(question);
    await this.page.getByRole('button', { name: 'Add note' }).click();
    await this.page.getByRole('textbox', { name: 'Note', exact: true }).fill(note);
    await this.page.keyboard.press('Escape');
  }

  /** Exactly these models on exactly these datasets. */
  async choose(datasets: readonly string[], models: readonly string[]): Promise<void> {
    // The form ticks the demo, and at first three models, all at once when its lists are there; until then nothing is ticked.
    await expect(this.what.getByRole('checkbox', { checked: true })).not.toHaveCount(0, { timeout: 60_000 });
    await untick(this.what);
    for (const name of datasets) await this.what.getByRole('checkbox', { name: new RegExp(`^${name},`) }).check();
    for (const name of models) await this.what.getByRole('checkbox', { name, exact: true }).check();
  }

  async seeds(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Seeds', exact: true }).fill(text);
  }

  /** Unlocks the budget where it is locked and sets one of its numbers. */
  async budget(field: 'Epochs, at most' | 'Epochs, at least', value: number): Promise<void> {
    const unlock = this.page.getByRole('button', { name: 'Unlock', exact: true });
    const input = this.page.getByLabel(field, { exact: true });
    await expect(unlock.or(input)).toBeVisible();
    if (await unlock.isVisible()) await unlock.click();
    await input.fill(String(value));
    await input.press('Tab');
  }
}
