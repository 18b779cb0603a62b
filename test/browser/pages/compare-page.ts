import { expect, type Locator, type Page } from '@playwright/test';

/** One comparison: its table, curves, configurations and the frozen selection. */
export class ComparePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(experiment: string): Promise<void> {
    await this.page.getByRole('main').getByRole('link', { name: experiment, exact: true }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: experiment })).toBeVisible();
  }

  async tab(name: 'Table' | 'Curves' | 'Config diff' | 'Statistics' | 'Parameters' | 'Trade-off' | 'Segments'): Promise<Locator> {
    await this.page.getByRole('tab', { name, exact: true }).click();
    return this.page.getByRole('tabpanel', { name, exact: true });
  }

  row(model: string): Locator {
    return this.page
      .getByRole('table')
      .getByRole('row')
      .filter({ has: this.page.getByRole('rowheader', { name: new RegExp(`^${model}`) }) });
  }

  async freeze(): Promise<void> {
    await this.page.getByRole('button', { name: 'Freeze selection' }).click();
    await this.page
      .getByRole('dialog', { name: 'Freeze this selection' })
      .getByRole('button', { name: 'Freeze and show test values' })
      .click();
    await expect(this.page.getByRole('complementary', { name: 'Selection frozen' })).toBeVisible();
  }
}
