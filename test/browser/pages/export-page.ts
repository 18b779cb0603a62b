import { expect, type Locator, type Page } from '@playwright/test';

/** The screen Export: a table as it will look, its source, and ways to take it along. */
export class ExportPage {
  readonly page: Page;
  readonly source: Locator;
  readonly preview: Locator;

  constructor(page: Page) {
    this.page = page;
    this.source = page.getByRole('region', { name: 'Source', exact: true });
    this.preview = page.getByRole('figure', { name: 'The table as it will look' });
  }

  async format(name: string): Promise<void> {
    await this.page.getByRole('combobox', { name: /^Format:/ }).click();
    await this.page.getByRole('option', { name }).click();
  }

  /** How LaTeX lays the columns out. */
  async layout(name: string): Promise<void> {
    await this.page.getByRole('combobox', { name: /^Layout:/ }).click();
    await this.page.getByRole('option', { name }).click();
  }

  /** Copies and gives back what the clipboard holds. */
  async copy(): Promise<string> {
    const clipboard = () => this.page.evaluate(() => navigator.clipboard.readText());
    // Emptied first: a message of an earlier copy may still be shown.
    await this.page.evaluate(() => navigator.clipboard.writeText(''));
    await this.page.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect(this.page.getByRole('status', { name: 'Messages' })).toContainText('Copied');
    await expect.poll(clipboard).not.toBe('');
    return clipboard();
  }
}
