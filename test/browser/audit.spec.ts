import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { frozenExperiment, longDataset, openExperiment } from './crowd.ts';
import { ComparePage } from './pages/compare-page.ts';
import { RunsPage } from './pages/runs-page.ts';
import type { StudioPage } from './pages/studio-page.ts';
import { expect, expectAccessible, inTheme, keep, root, test } from './studio.ts';

test.use({
  fill: [
    async ({}, use) =>
      use(async (home) => void (await promisify(execFile)(process.execPath, [join(root, 'test/browser/fill-home.ts'), home]))),
    { scope: 'worker' },
  ],
});

interface View {
  readonly name: string;
  open(page: Page, studio: StudioPage): Promise<void>;
}

const loaded = async (page: Page) => {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.getByRole('status', { name: /^(?:Loading|Making|Looking|Reading)/ })).toHaveCount(0);
};

async function openRun(page: Page, studio: StudioPage, filter: string, tab: string): Promise<void> {
  await studio.goTo('Runs');
  const runs = new RunsPage(page);
  await runs.filter(filter);
  await page.getByRole('switch', { name: 'Collapse seeds' }).click();
  await runs.rows().first().getByRole('link').first().click();
  await page.getByRole('tab', { name: tab }).click();
  await expect(page.getByRole('tabpanel', { name: tab.replace(/ .*/, '') })).toBeVisible();
}

async function openComparison(page: Page, studio: StudioPage, experiment: string, tab: 'Table' | 'Curves' | 'Config diff'): Promise<void> {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open(experiment);
  await compare.tab(tab);
}

/** Every screen and every drawer, dialog or menu of it, in one order. */
const views: readonly View[] = [
  { name: 'datasets', open: (_page, studio) => studio.goTo('Datasets') },
  {
    name: 'dataset',
    open: async (page, studio) => {
      await studio.goTo('Datasets');
      await studio.dataset(longDataset).click();
      await expect(page.getByRole('heading', { level: 1, name: longDataset })).toBeVisible();
    },
  },
  {
    name: 'datasets-import',
    open: async (page, studio) => {
      await studio.goTo('Datasets');
      await page.getByRole('button', { name: 'Import dataset' }).first().click();
      await expect(page.getByRole('dialog', { name: 'Import dataset' })).toBeVisible();
    },
  },
  {
    name: 'new-experiment',
    open: async (page, studio) => {
      await studio.goTo('New experiment');
      for (const model of ['LightGCN', 'EGRA']) await page.getByRole('checkbox', { name: model, exact: true }).check();
      await expect(page.getByRole('button', { name: /^Start \d+ runs? · about/ })).toBeVisible();
    },
  },
  {
    name: 'new-experiment-unlocked',
    open: async (page, studio) => {
      await studio.goTo('New experiment');
      await page.getByRole('button', { name: /^(?:Unlock|Back to the protocol)$/ }).click();
      await expect(page.getByLabel('Epochs, at most')).toBeVisible();
    },
  },
  { name: 'queue', open: (_page, studio) => studio.goTo('Queue') },
  {
    name: 'queue-console',
    open: async (page, studio) => {
      await studio.goTo('Queue');
      await page.getByRole('button', { name: /^Console of / }).click();
      await expect(page.getByRole('complementary', { name: 'Console' })).toBeVisible();
    },
  },
  {
    name: 'queue-menu',
    open: async (page, studio) => {
      await studio.goTo('Queue');
      await page
        .getByRole('button', { name: /^More for / })
        .first()
        .click();
      await expect(page.getByRole('menu')).toBeVisible();
    },
  },
  {
    name: 'runs',
    open: async (page, studio) => {
      await studio.goTo('Runs');
      await expect(new RunsPage(page).rows().first()).toBeVisible();
    },
  },
  {
    name: 'runs-selected',
    open: async (page, studio) => {
      await studio.goTo('Runs');
      const runs = new RunsPage(page);
      await runs.grid
        .getByRole('button', { name: /^Seeds of / })
        .first()
        .click();
      await runs.select(/^Select /);
      await runs.selected.getByRole('button', { name: 'Tag' }).click();
      await expect(page.getByRole('textbox', { name: 'Tag' })).toBeVisible();
    },
  },
  { name: 'run', open: (page, studio) => openRun(page, studio, 'model = egra and status = finished', 'Overview') },
  { name: 'run-failed', open: (page, studio) => openRun(page, studio, 'status = failed', 'Overview') },
  ...['Curves', 'Metrics', 'Config', 'Stages', 'Console', 'Files', 'Provenance', 'Notes'].map((tab) => ({
    name: `run-${tab.toLowerCase()}`,
    open: (page: Page, studio: StudioPage) => openRun(page, studio, 'starred', tab),
  })),
  { name: 'compare', open: (_page, studio) => studio.goTo('Compare') },
  { name: 'compare-table', open: (page, studio) => openComparison(page, studio, openExperiment, 'Table') },
  { name: 'compare-curves', open: (page, studio) => openComparison(page, studio, openExperiment, 'Curves') },
  { name: 'compare-configs', open: (page, studio) => openComparison(page, studio, openExperiment, 'Config diff') },
  { name: 'compare-frozen', open: (page, studio) => openComparison(page, studio, frozenExperiment, 'Table') },
  {
    name: 'compare-freeze-dialog',
    open: async (page, studio) => {
      await openComparison(page, studio, openExperiment, 'Table');
      await page.getByRole('button', { name: 'Freeze selection' }).click();
      await expect(page.getByRole('dialog', { name: 'Freeze this selection' })).toBeVisible();
    },
  },
  {
    name: 'export',
    open: async (page, studio) => {
      await studio.goTo('Export');
      await expect(page.getByRole('region', { name: 'Source', exact: true })).toBeVisible();
    },
  },
  {
    name: 'settings',
    open: async (page, studio) => {
      await studio.goTo('Settings');
      await expect(page.getByText('This machine offers').or(page.getByText('What this machine offers'))).toBeVisible();
    },
  },
  {
    name: 'palette',
    open: async (page, studio) => {
      await studio.goTo('Runs');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search or run a command' }).fill('egra');
      await expect(page.getByRole('option').first()).toBeVisible();
    },
  },
];

/** Things to press that are smaller than 24 × 24 px, text links within a sentence excepted (WCAG 2.2, 2.5.8). */
function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const targets = document.querySelectorAll<HTMLElement>(
      'button, input, select, textarea, summary, [role="switch"], [role="tab"], [role="option"], [role="menuitem"], a[href]',
    );
    return [...targets].flatMap((target) => {
      const label = target.closest('label');
      const shown = (
        label !== null && target instanceof HTMLInputElement && ['checkbox', 'radio'].includes(target.type) ? label : target
      ).getBoundingClientRect();
      const isHidden =
        shown.width <= 1 || shown.height <= 1 || !target.checkVisibility({ opacityProperty: true, visibilityProperty: true });
      if (isHidden || target.hasAttribute('disabled')) return [];
      const isInText = target.tagName === 'A' && getComputedStyle(target).display === 'inline';
      if (isInText || (shown.width >= 23.5 && shown.height >= 23.5)) return [];
      return [`${Math.round(shown.width)} × ${Math.round(shown.height)}: ${target.outerHTML.slice(0, 120)}`];
    });
  });
}

/** What is wider than its frame sideways: the page, its main part, and dialogs and drawers. */
function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [
      document.documentElement,
      ...document.querySelectorAll<HTMLElement>('main, main > *, [role="dialog"], aside, nav, header, footer'),
    ].flatMap((part) =>
      part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0 && getComputedStyle(part).display !== 'inline'
        ? [`${part.tagName} ${part.className}: ${part.scrollWidth} in ${part.clientWidth}`]
        : [],
    ),
  );
}

for (const theme of ['light', 'dark'] as const) {
  test.describe(`a hundred runs with long names, ${theme}`, () => {
    for (const view of views) {
      test(`${view.name}, ${theme}`, async ({ studio, page }) => {
        await inTheme(page, theme);
        await view.open(page, studio);
        await loaded(page);
        // A theme changes colours and nothing else.
        await expectAccessible(page, view.name, theme === 'dark' ? ['color-contrast', 'link-in-text-block'] : undefined);
        expect.soft(await smallTargets(page), 'targets below 24 px').toEqual([]);
        expect.soft(await cutOff(page), 'cut off at 1280 × 800').toEqual([]);
        await keep(page, `${view.name}-${theme}`);
        if (theme === 'dark') return;
        await page.setViewportSize({ width: 2560, height: 1440 });
        expect.soft(await cutOff(page), 'cut off at 2560 × 1440').toEqual([]);
        await keep(page, `${view.name}-wide`);
      });
    }
  });
}
