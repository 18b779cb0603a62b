import type { Locator, Page } from '@playwright/test';

export const runTabs = [
  'Overview',
  'Curves',
  'Metrics',
  'Samples',
  'Config',
  'System',
  'Console',
  'Files',
  'Provenance',
  'Notes',
  'Lineage',
] as const;

/** The page of one run by role and name. */
export class RunDetailPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get title(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  async open(tab: (typeof runTabs)[number]): Promise<void> {
    await this.page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
  }

  panel(tab: (typeof runTabs)[number]): Locator {
    return this.page.getByRole('tabpanel', { name: tab });
  }
}
