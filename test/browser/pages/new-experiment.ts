import { expect, type Locator, type Page } from '@playwright/test';
import { untick } from './untick.ts';

/** New experiment by role and name. */
export class NewExperimentPage {
  readonly page: Page;
  readonly what: Locator;
  readonly how: Locator;
  readonly plan: Locator;

  constructor(page: Page) {
    this.page = page;
    this.what = page.getByRole('region', { name: 'What' });
    this.how = page.getByRole('region', { name: 'How' });
    this.plan = page.getByRole('region', { name: 'Plan' });
  }

  dataset(name: string): Locator {
    return this.what.getByRole('checkbox', { name: new RegExp(`^${name},`) });
  }

  model(name: string): Locator {
    return this.what.getByRole('checkbox', { name, exact: true });
  }

  /** Exactly these models, in this order. */
  async choose(models: readonly string[]): Promise<void> {
    await expect(this.model('LightGCN')).toBeVisible({ timeout: 60_000 });
    // Models stand in groups, datasets do not.
    await untick(this.what.getByRole('group'));
    for (const model of models) await this.model(model).check();
  }

  /** Exactly this dataset. */
  async chooseDataset(name: string): Promise<void> {
    await expect(this.dataset(name)).toBeVisible({ timeout: 60_000 });
    await untick(this.what.getByRole('list').first());
    await this.dataset(name).check();
  }

  async openModel(title: string): Promise<void> {
    await this.how.getByRole('tab', { name: new RegExp(`^${title}`) }).click();
  }

  /** The input of a numeric setting, by its label. */
  setting(label: string): Locator {
    return this.how.getByRole('textbox', { name: new RegExp(`^${label}`) });
  }

  /** Rows of the plan's matrix as their words: "EGRA ii_k 10". */
  async rows(): Promise<string[]> {
    const headers = await this.plan.getByRole('grid', { name: 'Plan' }).getByRole('rowheader').allInnerTexts();
    return headers.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  cells(): Locator {
    return this.plan.getByRole('grid', { name: 'Plan' }).getByRole('gridcell', { name: /seed/ });
  }

  start(runs?: number): Locator {
    const name = runs === undefined ? /^Start \d+ runs?/ : new RegExp(`^Start ${runs} ${runs === 1 ? 'run' : 'runs'}( ·|$)`);
    return this.plan.getByRole('button', { name });
  }

  async setSeeds(text: string): Promise<void> {
    await this.plan.getByRole('textbox', { name: 'Seeds', exact: true }).fill(text);
  }

  /** Unlocks the budget and sets one of its fields. */
  async setBudget(label: 'Epochs, at most' | 'Epochs, at least' | 'Batch' | 'Patience' | 'Learning rate', value: number): Promise<void> {
    const unlock = this.how.getByRole('button', { name: 'Unlock', exact: true });
    const field = this.how.getByLabel(label, { exact: true });
    await expect(unlock.or(field)).toBeVisible();
    if (await unlock.isVisible()) await unlock.click();
    await field.fill(String(value));
    await field.press('Tab');
  }
}
