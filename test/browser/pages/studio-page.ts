import { expect, type Locator, type Page } from '@playwright/test';
import { endless, epochOf } from './epoch.ts';
import { ExperimentPage } from './experiment-page.ts';
import { RunsPage } from './runs-page.ts';

/** The studio as a person meets it, by role and accessible name; the same in Electron and in a browser. */
export class StudioPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Follows a link of the rail to the first page of its screen: once more, where it leads to what was left there. */
  async goTo(
    screen: 'Datasets' | 'New experiment' | 'Queue' | 'Runs' | 'Compare' | 'Recommendations' | 'Export' | 'Settings',
  ): Promise<void> {
    const link = this.page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true });
    const way = await link.getAttribute('href');
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
    if (way !== (await link.getAttribute('href'))) await link.click();
  }

  /** A section of Settings. */
  async settings(section: string): Promise<Locator> {
    await this.goTo('Settings');
    const link = this.page.getByRole('navigation', { name: 'Sections of Settings' }).getByRole('link', { name: section, exact: true });
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
    return this.page.getByRole('region', { name: section, exact: true });
  }

  /** The table of all runs. */
  async runs(): Promise<RunsPage> {
    await this.goTo('Runs');
    return new RunsPage(this.page);
  }

  /** The palette with this typed into it. */
  async palette(text: string): Promise<Locator> {
    await this.page.keyboard.press('Control+k');
    const palette = this.page.getByRole('dialog', { name: 'Command palette' });
    await palette.getByRole('combobox', { name: 'Search or run a command' }).fill(text);
    return palette;
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
    await expect(dialog).toBeHidden({ timeout: 60_000 });
    await this.goTo('Datasets');
    await expect(this.dataset(name)).toBeVisible({ timeout: 60_000 });
  }

  /** Starts one run with seed 1: of so many epochs at most, or endless, for the test to stop. */
  async startExperiment({ dataset, model, epochs }: { dataset: string; model: string; epochs: number | 'endless' }): Promise<void> {
    await this.goTo('New experiment');
    const form = new ExperimentPage(this.page);
    await form.choose([dataset], [model]);
    await form.seeds('1');
    await form.budget('Epochs, at most', epochs === 'endless' ? endless : epochs);
    if (epochs === 'endless') await form.budget('Epochs, at least', endless);
    await this.page.getByRole('button', { name: /^Start 1 run/ }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  }

  /** The card of the one running run. */
  runningCard(): Locator {
    return this.page.getByRole('article').first();
  }

  /** The epoch the running card shows, 0 before the first. */
  epoch(): Promise<number> {
    return epochOf(this.runningCard());
  }

  /** Waits until the running card shows an epoch beyond the one given. */
  async waitForEpochAfter(epoch: number): Promise<void> {
    await expect.poll(() => this.epoch(), { timeout: 120_000 }).toBeGreaterThan(epoch);
  }

  /** Stops the one running run, keeping its best epoch, and waits until it is among the finished ones. */
  async stopRun(): Promise<void> {
    await this.runningCard().getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(this.page.getByRole('article')).toHaveCount(0, { timeout: 60_000 });
    const finished = this.page.getByRole('region', { name: 'Finished today' });
    await expect(finished.getByRole('link', { name: /: stopped, validation/ }).first()).toBeVisible();
  }
}
