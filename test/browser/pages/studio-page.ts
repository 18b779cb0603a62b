import { expect, type Locator, type Page } from '@playwright/test';

/** The studio as a person meets it, by role and accessible name; the same in Electron and in a browser. */
export class StudioPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Follows a link of the rail. */
  async goTo(screen: 'Datasets' | 'New experiment' | 'Queue' | 'Runs' | 'Compare' | 'Export' | 'Settings'): Promise<void> {
    const link = this.page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true });
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
  }

  dataset(name: string): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }

  /** Imports what `choose` picks, under the name given, and waits until its card is there. */
  async importDataset(name: string, choose: (dialog: Locator) => Promise<void>): Promise<void> {
    await this.goTo('Datasets');
    await this.page.getByRole('button', { name: 'Import dataset' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'Import dataset' });
    await choose(dialog);
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByRole('button', { name: `Import ${name}` }).click();
    await expect(dialog).toBeHidden();
    await this.goTo('Datasets');
    await expect(this.dataset(name)).toBeVisible();
  }

  /** Chooses exactly these datasets and models and one seed, with at least `minEpochs` epochs, and starts. */
  async startExperiment({ dataset, model, minEpochs }: { dataset: string; model: string; minEpochs: number }): Promise<void> {
    await this.goTo('New experiment');
    const what = this.page.getByRole('region', { name: 'What' });
    // The form chooses the demo, and at first three models, once both lists are there; before that nothing is ticked.
    await what.getByRole('checkbox', { name: model, exact: true }).waitFor();
    await expect(what.getByRole('checkbox', { checked: true })).not.toHaveCount(0);
    const chosen = await what.getByRole('checkbox', { checked: true }).all();
    for (const box of chosen.reverse()) await box.uncheck({ force: true });
    await what.getByRole('checkbox', { name: new RegExp(`^${dataset},`) }).check({ force: true });
    await what.getByRole('checkbox', { name: model, exact: true }).check({ force: true });
    await this.page.getByRole('textbox', { name: 'Seeds', exact: true }).fill('1');
    await this.page.getByRole('button', { name: 'Unlock' }).click();
    const least = this.page.getByLabel('Epochs, at least');
    await least.fill(String(minEpochs));
    await least.press('Tab');
    await this.page.getByRole('button', { name: /^Start 1 run/ }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  }

  /** The card of the one running run. */
  runningCard(): Locator {
    return this.page.getByRole('article').first();
  }

  /** The epoch the running card shows, 0 before the first. */
  async epoch(): Promise<number> {
    const text = await this.runningCard().innerText();
    return Number(/Epoch[^\d]*?\n+([\d,]+)\s+of/.exec(text)?.[1]?.replaceAll(',', '') ?? 0);
  }

  /** Waits until the running card shows an epoch beyond the one given. */
  async waitForEpochAfter(epoch: number): Promise<void> {
    await expect.poll(() => this.epoch(), { timeout: 120_000 }).toBeGreaterThan(epoch);
  }
}
