import type { Page } from '@playwright/test';
import { frozenExperiment, longDataset, openExperiment } from './crowd.ts';
import { ComparePage } from './pages/compare-page.ts';
import { ExportPage } from './pages/export-page.ts';
import { RunsPage } from './pages/runs-page.ts';
import type { StudioPage } from './pages/studio-page.ts';
import { colourRules, expect, expectAccessible, expectLoaded, filledBy, inTheme, keep, test } from './studio.ts';

test.use(filledBy('fill-home.ts'));

/** A way through a screen: each step shows something that is looked at. */
interface Walk {
  readonly name: string;
  readonly steps: readonly (readonly [name: string, show: (at: Place) => Promise<void>])[];
}

interface Place {
  readonly page: Page;
  readonly studio: StudioPage;
}

/** Opens the first run that matches. The filter stands in the address, so that no other row is ever shown. */
async function openRun({ page }: Place, filter: string, words: RegExp): Promise<void> {
  await page.evaluate((query) => void (location.hash = `#/runs?filter=${encodeURIComponent(query)}`), filter);
  await new RunsPage(page).openFirst();
  await expect(page.getByRole('tabpanel', { name: 'Overview' })).toBeVisible();
  await expect(page.getByText(words).first()).toBeVisible();
}

async function openComparison({ page, studio }: Place, experiment: string): Promise<void> {
  await studio.goTo('Compare');
  await new ComparePage(page).open(experiment);
  await expect(page.getByRole('tabpanel', { name: 'Table' }).getByRole('table')).toBeVisible();
}

const tab =
  (name: string) =>
  async ({ page }: Place): Promise<void> => {
    await page.getByRole('tab', { name }).click();
    await expect(page.getByRole('tabpanel', { name: name.split(' ')[0]! })).toBeVisible();
  };

const walks: readonly Walk[] = [
  {
    name: 'datasets',
    steps: [
      ['datasets', ({ studio }) => studio.goTo('Datasets')],
      [
        'datasets-import',
        async ({ page }) => {
          await page.getByRole('button', { name: 'Import dataset' }).first().click();
          await expect(page.getByRole('dialog', { name: 'Import dataset' })).toBeVisible();
        },
      ],
      [
        'dataset',
        async ({ page, studio }) => {
          await page.keyboard.press('Escape');
          await studio.dataset(longDataset).click();
          await expect(page.getByRole('heading', { level: 1, name: longDataset })).toBeVisible();
        },
      ],
    ],
  },
  {
    name: 'new experiment',
    steps: [
      [
        'new-experiment',
        async ({ page, studio }) => {
          await studio.goTo('New experiment');
          for (const model of ['LightGCN', 'EGRA']) await page.getByRole('checkbox', { name: model, exact: true }).check();
          await page.getByRole('checkbox', { name: new RegExp(`^${longDataset}`) }).check();
          await expect(page.getByRole('button', { name: /^Start \d+ runs? · about/ })).toBeVisible({ timeout: 60_000 });
        },
      ],
      [
        'new-experiment-unlocked',
        async ({ page }) => {
          await page.getByRole('button', { name: 'Unlock', exact: true }).click();
          await expect(page.getByLabel('Epochs, at most')).toBeVisible();
        },
      ],
    ],
  },
  {
    name: 'queue',
    steps: [
      ['queue', ({ studio }) => studio.goTo('Queue')],
      [
        'queue-menu',
        async ({ page }) => {
          await page
            .getByRole('button', { name: /^More for / })
            .first()
            .click();
          await expect(page.getByRole('menu')).toBeVisible();
        },
      ],
      [
        'queue-console',
        async ({ page }) => {
          await page.keyboard.press('Escape');
          await page.getByRole('button', { name: /^Console of / }).click();
          await expect(page.getByRole('complementary', { name: 'Console' })).toBeVisible();
        },
      ],
    ],
  },
  {
    name: 'runs',
    steps: [
      [
        'runs',
        async ({ studio }) => {
          const runs = await studio.runs();
          await expect(runs.rows().first()).toBeVisible();
        },
      ],
      [
        'runs-selected',
        async ({ page }) => {
          const runs = new RunsPage(page);
          await runs.grid
            .getByRole('button', { name: /^Seeds of / })
            .first()
            .click();
          await runs.select(/^Select /);
          await runs.selected.getByRole('button', { name: 'Tag' }).click();
          await expect(page.getByRole('textbox', { name: 'Tag' })).toBeVisible();
        },
      ],
      [
        'palette',
        async ({ page, studio }) => {
          await page.keyboard.press('Escape');
          const palette = await studio.palette('egra');
          await expect(palette.getByRole('option').first()).toBeVisible();
        },
      ],
    ],
  },
  {
    name: 'a run',
    steps: [
      ['run', (at) => openRun(at, 'model = egra and status = finished', /^Finished after /)],
      ...['Curves', 'Metrics', 'Samples', 'Config', 'System', 'Console', 'Files', 'Provenance', 'Notes', 'Lineage'].map(
        (name) => [`run-${name.toLowerCase()}`, tab(name)] as const,
      ),
    ],
  },
  { name: 'a failed run', steps: [['run-failed', (at) => openRun(at, 'status = failed', /^Failed after /)]] },
  {
    name: 'a comparison',
    steps: [
      ['compare', ({ studio }) => studio.goTo('Compare')],
      ['compare-table', (at) => openComparison(at, openExperiment)],
      [
        'compare-freeze-dialog',
        async ({ page }) => {
          await page.getByRole('button', { name: 'Freeze selection' }).click();
          await expect(page.getByRole('dialog', { name: 'Freeze this selection' })).toBeVisible();
        },
      ],
      [
        'compare-curves',
        async (at) => {
          await at.page.keyboard.press('Escape');
          await tab('Curves')(at);
          await expect(at.page.getByRole('complementary', { name: 'Read-out' })).toBeVisible();
        },
      ],
      ['compare-configs', tab('Config diff')],
      [
        'compare-parameters',
        async (at) => {
          await tab('Parameters')(at);
          await expect(at.page.getByRole('combobox', { name: /^Model/ })).toBeVisible({ timeout: 60_000 });
        },
      ],
      [
        'compare-trade-off',
        async (at) => {
          await tab('Trade-off')(at);
          await expect(at.page.getByRole('combobox', { name: /^Against/ })).toBeVisible({ timeout: 60_000 });
        },
      ],
      [
        'compare-segments',
        async (at) => {
          await tab('Segments')(at);
          await expect(at.page.getByRole('region', { name: /by segment$/ })).toBeVisible({ timeout: 60_000 });
        },
      ],
      [
        'compare-statistics',
        async (at) => {
          await tab('Statistics')(at);
          await expect(at.page.getByRole('region', { name: /^Adjusted p against/ })).toBeVisible({ timeout: 60_000 });
        },
      ],
    ],
  },
  { name: 'a frozen comparison', steps: [['compare-frozen', (at) => openComparison(at, frozenExperiment)]] },
  {
    name: 'an export',
    steps: [
      [
        'export',
        async ({ page, studio }) => {
          await studio.goTo('Export');
          await expect(new ExportPage(page).source).toBeVisible();
        },
      ],
    ],
  },
  {
    name: 'settings',
    steps: [
      'General',
      'Appearance',
      'Compute',
      'Paths and storage',
      'Notifications',
      'Shortcuts',
      'Language',
      'Privacy and diagnostics',
      'Updates',
      'About and licences',
    ].map((section) => [
      `settings-${section.toLowerCase().replace(/ /g, '-')}`,
      async ({ studio }: { studio: StudioPage }) => void (await studio.settings(section)),
    ]),
  },
];

async function loaded(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, includeHidden: true }).first()).toBeAttached();
  await expectLoaded(page);
}

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

/** What is wider than its frame sideways: the page, its parts, dialogs and drawers. Rings of a focus may reach 4 px beyond. */
function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [
      document.documentElement,
      ...document.querySelectorAll<HTMLElement>(
        'main, main > *, main section, main article, main ol, main ul, [role="dialog"], aside, nav, header, footer',
      ),
    ].flatMap((part) =>
      part.scrollWidth > part.clientWidth + 4 && part.clientWidth > 0 && getComputedStyle(part).display !== 'inline'
        ? [`${part.tagName} ${part.className}: ${part.scrollWidth} in ${part.clientWidth}`]
        : [],
    ),
  );
}

/** Nothing is found, once what the browser still moves has settled; what is found is told at the end of the walk. */
async function expectNone(find: () => Promise<readonly string[]>, message: string): Promise<void> {
  await expect.configure({ soft: true }).poll(find, { message }).toEqual([]);
}

for (const theme of ['light', 'dark'] as const) {
  for (const { name, steps } of walks) {
    test(`${name} among a hundred runs with long names, ${theme}`, async ({ studio, page }) => {
      await inTheme(page, theme);
      for (const [shown, show] of steps) {
        await show({ page, studio });
        await loaded(page);
        await expectAccessible(page, shown, theme === 'dark' ? colourRules : undefined);
        await expectNone(() => smallTargets(page), `${shown}: targets below 24 px`);
        await expectNone(() => cutOff(page), `${shown}: cut off at 1280 × 800`);
        await keep(page, `${shown}-${theme}`);
        if (theme === 'dark') continue;
        await page.setViewportSize({ width: 2560, height: 1440 });
        await expectNone(() => cutOff(page), `${shown}: cut off at 2560 × 1440`);
        await keep(page, `${shown}-wide`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    });
  }
}
