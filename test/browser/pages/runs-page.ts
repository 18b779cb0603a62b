import { expect, type Locator, type Page } from '@playwright/test';

/** The screen Runs: the table over everything ever started. */
export class RunsPage {
  readonly page: Page;
  readonly query: Locator;
  readonly grid: Locator;
  readonly selected: Locator;

  constructor(page: Page) {
    this.page = page;
    this.query = page.getByRole('combobox', { name: 'Filter runs' });
    this.grid = page.getByRole('grid', { name: 'Runs' });
    this.selected = page.getByRole('toolbar', { name: 'Selected runs' });
  }

  /** Filters, and waits for as many rows as must be left: the rows of before stay until the studio has answered. */
  async filter(text: string, rows?: number): Promise<void> {
    await this.query.fill(text);
    if (rows !== undefined) await expect(this.rows()).toHaveCount(rows);
  }

  /** Rows of runs, the header left out. */
  rows(): Locator {
    return this.grid.getByRole('row').filter({ has: this.page.getByRole('gridcell') });
  }

  /** The model names in the order shown. */
  async models(): Promise<readonly string[]> {
    const rows = this.rows().filter({ has: this.page.getByRole('checkbox') });
    const names = rows.getByRole('link').or(rows.getByRole('button', { name: /^Seeds of / }));
    return (await names.allInnerTexts()).map((text) => text.trim());
  }

  /** Opens the run of the first row; of a mean of several seeds that of its first seed. */
  async openFirst(): Promise<void> {
    const [run, seeds] = [
      this.rows().first().getByRole('link'),
      this.rows()
        .first()
        .getByRole('button', { name: /^Seeds of / }),
    ];
    await expect(run.or(seeds).first()).toBeVisible({ timeout: 60_000 });
    if (await seeds.isVisible()) await seeds.click();
    await this.grid
      .getByRole('link')
      .filter({ hasNotText: /failed/ })
      .first()
      .click();
  }

  async sortBy(column: string): Promise<void> {
    await this.grid.getByRole('columnheader', { name: column }).getByRole('button').click();
  }

  async select(name: RegExp): Promise<void> {
    await this.grid.getByRole('checkbox', { name }).first().click();
    await expect(this.selected).toBeVisible();
  }

  /** Selects everything the filter matches. */
  async selectAll(): Promise<void> {
    await this.select(/^Select /);
    const more = this.selected.getByRole('button', { name: /^Select all [\d,]+ runs? matched/ });
    if (await more.isVisible()) await more.click();
    await expect(more).toBeHidden();
  }
}
