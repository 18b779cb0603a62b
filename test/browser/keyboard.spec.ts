import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { longDataset, openExperiment } from './crowd.ts';
import { focusFault, Keys, Pointer, screens, type Hands } from './hands.ts';
import { RunsPage } from './pages/runs-page.ts';
import { expect, expectLoaded, filledBy, inTheme, root, test } from './studio.ts';

/**
 * A keyboard alone: Tab gets everywhere and out again, the focus is seen and never falls to the document, and every drag has a twin.
 * The ways that matter most are walked in journeys.spec.ts. Colours have no part in it but for the ring of the focus, which is looked for
 * in the dark theme here and in the light one by the pointer's ways.
 */
const waiting = 1000;
test.use(filledBy('fill-home.ts', String(waiting)));

const open = (page: Page, address: string) => page.evaluate((hash) => void (location.hash = hash), address);
const dark = (page: Page) => inTheme(page, 'dark');

/** The first run of one seed that matches, by its address. */
async function openRun(page: Page, filter: string, tab = ''): Promise<void> {
  await open(page, `#/runs?filter=${encodeURIComponent(filter)}`);
  // Loaded anew: rows of another filter that stood here must not be taken for those of this one.
  await page.reload();
  await new RunsPage(page).openFirst();
  await expect(page.getByRole('tab', { name: 'Overview' })).toBeVisible();
  if (tab !== '') await page.getByRole('tab', { name: tab, exact: true }).click();
}

async function openComparison(page: Page, tab: string): Promise<Locator> {
  await open(page, '#/compare');
  await page.getByRole('main').getByRole('link', { name: openExperiment, exact: true }).click();
  await page.getByRole('tab', { name: tab, exact: true }).click();
  return page.getByRole('tabpanel', { name: tab, exact: true });
}

/** What is wrong with the focus and stays so: what comes late may cover it or take its place for a moment. */
async function lastingFault(page: Page): Promise<string> {
  let fault = '';
  await expect
    .poll(async () => (fault = await focusFault(page)), { timeout: 15_000 })
    .toBe('')
    .catch(() => undefined);
  return fault;
}

/** Tab from the first control to the last: each is reached once, in sight and marked. Returns how many there are. */
async function walk(page: Page, where: string): Promise<number> {
  await expectLoaded(page);
  await page.getByRole('link', { name: 'Skip to the page' }).focus();
  const faults: string[] = [];
  for (let step = 1; step < 200; step++) {
    await page.keyboard.press('Tab');
    const fault = await lastingFault(page);
    if (fault !== '') faults.push(`${where}, after ${step} presses: ${fault}`);
    const [isLast, isLeft] = await page.evaluate(() => {
      const controls = [...document.querySelectorAll<HTMLElement>('[data-region="status"] a, [data-region="status"] button')];
      return [document.activeElement === controls[controls.length - 1], document.activeElement === document.body];
    });
    if (isLast || isLeft) {
      expect.soft(faults, where).toEqual([]);
      return step;
    }
  }
  throw new Error(`${where}: two hundred presses of Tab do not lead out of it`);
}

test('Tab leads through every screen and out of it, always in sight', async ({ studio, page }) => {
  void studio;
  await dark(page);
  for (const screen of screens) {
    await open(page, `#/${screen === 'New experiment' ? 'new' : screen.toLowerCase()}`);
    await expect(page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true })).toHaveAttribute(
      'aria-current',
      'page',
    );
    await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
    if (screen === 'Runs') await expect(new RunsPage(page).rows().first()).toBeVisible();
    const steps = await walk(page, screen);
    // A table of a hundred rows is left like any other control.
    if (screen === 'Runs') expect(steps).toBeLessThan(60);
  }
  await openRun(page, 'model = egra and status = finished');
  await walk(page, 'a run');
  await openComparison(page, 'Statistics');
  await walk(page, 'statistics');
  await open(page, '#/datasets');
  await page.getByRole('link', { name: longDataset, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: longDataset })).toBeVisible();
  await walk(page, 'a dataset');
});

test('screens, dialogs, menus and drawers give the focus to what comes next', async ({ studio, page }) => {
  void studio;
  await dark(page);
  const [keys, runs] = [new Keys(page), new RunsPage(page)];
  const main = page.getByRole('main');

  await test.step('a screen takes it, and the palette leads to one', async () => {
    for (const screen of screens) {
      await keys.go(screen);
      await expect(main).toBeFocused();
    }
    await keys.hit('Control+k');
    await page.keyboard.type('settings');
    await expect(page.getByRole('option').first()).toContainText('Settings');
    await keys.hit('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    await keys.expectFocus();
  });

  await test.step('F6 leads from part to part of a page', async () => {
    await keys.go('New experiment');
    await expect(page.getByRole('region', { name: 'Plan' })).toBeVisible();
    const part = () => page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region'));
    for (const expected of ['what', 'how', 'plan', 'status', 'top']) {
      await keys.hit('F6');
      await expect.poll(part).toBe(expected);
    }
  });

  await test.step('what opened a dialog, a menu or a drawer has it again', async () => {
    await keys.go('Runs');
    await expect(runs.rows().first()).toBeVisible();
    for (const button of [
      page.getByRole('button', { name: 'Columns', exact: true }),
      page.getByRole('button', { name: 'Group: none' }),
      page.getByRole('button', { name: 'View menu' }),
      page.getByRole('button', { name: 'Save view', exact: true }),
      page.getByRole('button', { name: 'Help for this screen' }),
    ]) {
      await keys.press(button);
      await expect(page.locator('[role="dialog"], [role="menu"], aside[data-region="help"]').first()).toBeVisible();
      await keys.hit('Escape');
      await expect(button).toBeFocused();
    }
    await keys.reach(runs.grid);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+F10');
    await expect(page.getByRole('menu', { name: 'Run' })).toBeVisible();
    await keys.hit('Escape');
    await expect(runs.grid).toBeFocused();
    await keys.hit('Shift+Space');
    await expect(page.getByRole('button', { name: 'Close panel' })).toBeVisible();
    await keys.press(page.getByRole('button', { name: 'Close panel' }));
    await expect(page.getByRole('button', { name: 'Close panel' })).toHaveCount(0);
    await keys.expectFocus();
  });

  await test.step('a tag that is removed, a value that is written, a row that is thrown away', async () => {
    await openRun(page, 'tag = depth', 'Notes');
    await keys.press(page.getByRole('button', { name: 'Remove depth' }));
    await expect(page.getByRole('button', { name: 'Remove depth' })).toHaveCount(0);
    await keys.expectFocus();
    await keys.go('Runs');
    await keys.write(runs.query, 'model = freedom');
    await page.keyboard.press('Escape');
    await expect(runs.rows()).toHaveCount(2);
    await keys.reach(runs.grid);
    await page.keyboard.press('Home');
    await keys.hit('Delete');
    await expect(runs.rows()).toHaveCount(1);
    await expect(runs.grid).toBeFocused();
    await keys.hit('Control+z');
    await expect(runs.rows()).toHaveCount(2);
    // From what can be pressed in a row, arrows lead back to the rows.
    await page.keyboard.press('ArrowDown');
    await keys.reach(runs.rows().last().getByRole('checkbox'));
    await keys.hit('ArrowUp');
    await expect(runs.grid).toBeFocused();
  });
});

test('F2 renames what has the focus, which has it again; Escape leads from the filter to the rows', async ({ studio, page }) => {
  void studio;
  await dark(page);
  const [keys, runs, main] = [new Keys(page), new RunsPage(page), page.getByRole('main')];
  for (const [screen, before, label] of [
    ['Compare', openExperiment, 'Name of the experiment'],
    ['Datasets', longDataset, 'Name'],
  ] as const) {
    await keys.go(screen);
    const link = (name: string) => main.getByRole('link', { name, exact: true });
    await keys.reach(link(before));
    await keys.hit('F2');
    await expect(page.getByRole('dialog').getByRole('textbox', { name: label })).toBeFocused();
    // The name is selected: what is typed takes its place.
    await page.keyboard.type('Depth of the long tail');
    await keys.hit('Enter');
    await expect(link('Depth of the long tail')).toBeFocused();
    await keys.hit('Control+z');
    await expect(link(before)).toBeFocused();
    await keys.hit('Enter');
    await expect(page.getByRole('heading', { level: 1, name: before })).toBeVisible();
    await keys.hit('F2');
    await expect(page.getByRole('dialog').getByRole('textbox', { name: label })).toHaveValue(before);
    await keys.hit('Escape');
    await keys.expectFocus();
  }
  await keys.go('Runs');
  await expect(runs.rows().first()).toBeVisible();
  await keys.hit('Control+f');
  await expect(runs.query).toBeFocused();
  await keys.hit('Escape');
  await expect(runs.grid).toBeFocused();
});

/** Where the page listens for a drag, and what does the same without one. */
const drags: Readonly<Record<string, string>> = {
  'renderer/pages/queue/WaitingList.svelte': 'Alt with arrows on a waiting run, its menu, Run next',
  'renderer/pages/runs/RunsHeader.svelte': 'Alt with arrows on a heading, the column manager',
  'renderer/pages/runs/ColumnEdge.svelte': 'Shift and Alt with arrows on a heading, Wider, Narrower and Fit to content in its menu',
  'renderer/pages/runs/ColumnManager.svelte': 'Move left and Move right of each column',
  'renderer/pages/compare/ParallelPlot.svelte': 'ranges typed below the axes',
  'renderer/pages/compare/TradeOffPlot.svelte': 'ranges typed below the plot',
  'renderer/charts/brush.ts': '+, − and arrows on the chart',
};

test('every drag of the page is known to have a twin', () => {
  const found = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:svelte|ts)$/.test(file))
    .map((file) => `renderer/${file.replaceAll('\\', '/')}`)
    .filter((file) => /ondragstart|pointerdown:|setPointerCapture/.test(readFileSync(join(root, file), 'utf8')));
  // Pivot rows and columns, splits and orders of lists are set by menus, fields and lists alone.
  expect(found.sort()).toEqual(Object.keys(drags).sort());
});

test('waiting runs and columns are moved by keys, and the keys go on with what was moved', async ({ studio, page }) => {
  void studio;
  await dark(page);
  const [keys, runs] = [new Keys(page), new RunsPage(page)];
  await keys.go('Queue');
  const handles = page.getByRole('region', { name: 'Waiting' }).getByRole('button', { name: /place \d+/ });
  await expect(handles).toHaveCount(7);
  await keys.reach(handles.nth(5));
  const name = ((await handles.nth(5).getAttribute('aria-label')) ?? '').replace(/, place.*/, '');
  for (const place of [7, 8, 9]) {
    await keys.hit('Alt+ArrowDown');
    // Beyond those shown at first the list goes on.
    const moved = page.getByRole('button', { name: new RegExp(`^${name}, place ${place}\\.`) });
    await expect(moved).toBeFocused();
  }

  await keys.go('Runs');
  await expect(runs.rows().first()).toBeVisible();
  const heading = runs.grid.getByRole('button', { name: 'Best', exact: true });
  await keys.reach(heading);
  const before = await runs.grid.getByRole('columnheader').allInnerTexts();
  await keys.hit('Alt+ArrowLeft');
  await expect.poll(() => runs.grid.getByRole('columnheader').allInnerTexts()).not.toEqual(before);
  await expect(heading).toBeFocused();
  await keys.hit('Control+z');
  await expect.poll(() => runs.grid.getByRole('columnheader').allInnerTexts()).toEqual(before);

  await keys.press(page.getByRole('button', { name: 'Columns', exact: true }));
  const dialog = page.getByRole('dialog', { name: 'Columns' });
  const left = dialog.getByRole('button', { name: 'Move Best left' });
  // Not by way of a hundred ticks.
  await keys.hit('F6');
  await keys.reach(left);
  // To the first place and once more: nothing else is moved in its stead.
  for (let step = 0; step < 9; step++) await keys.hit('Enter');
  await expect(dialog.getByRole('list').last().getByRole('listitem').first()).toContainText('Best');
  await expect(left).toBeFocused();
  await keys.press(dialog.getByRole('button', { name: 'As at first' }));
  await keys.hit('Escape');
});

test('a range of a chart is chosen by keys as by a drag', async ({ studio, page }) => {
  void studio;
  await dark(page);
  const keys = new Keys(page);
  const drag = async (target: Locator, from: readonly [number, number], to: readonly [number, number]) => {
    await target.scrollIntoViewIfNeeded();
    const box = (await target.boundingBox())!;
    const at = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
    await page.mouse.move(...at(from));
    await page.mouse.down();
    await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
    await page.mouse.move(...at(to));
    await page.mouse.up();
  };
  // T leads from a card of the queue and from a run's overview to the table of the run's curves, and back to its charts.
  const table = page.getByRole('tabpanel', { name: 'Curves' }).getByRole('table');
  await keys.go('Queue');
  await keys.reach(page.getByRole('img', { name: /^Validation Recall@20 over/ }).first());
  await keys.hit('t');
  await expect(table).toBeVisible();
  await openRun(page, 'model = egra and status = finished');
  const chart = page.getByRole('img', { name: /^Validation Recall@20 over/ });
  await expect(chart).toBeVisible();
  await keys.hit('t');
  await expect(table).toBeVisible();
  await keys.hit('t');
  await expect(table).toHaveCount(0);
  await expect(chart.locator('canvas')).toBeVisible();
  const all = page.getByRole('button', { name: /^Epochs \d+ to \d+: show all/ });
  // A chart is there before it listens.
  await expect(async () => {
    await drag(chart, [0.3, 0.5], [0.6, 0.5]);
    await expect(all).toBeVisible({ timeout: 5000 });
  }).toPass({ timeout: 120_000 });
  await keys.press(all);
  await expect(all).toHaveCount(0);
  await keys.expectFocus();
  await keys.reach(chart);
  await keys.hit('+');
  await expect(all).toBeVisible();
  const shown = await all.innerText();
  await keys.hit('ArrowRight');
  await expect(all).not.toHaveText(shown);
  await keys.hit('0');
  await expect(all).toHaveCount(0);

  const panel = await openComparison(page, 'Parameters');
  const plot = panel.getByRole('group', { name: 'Parallel coordinates' });
  await expect(plot).toBeVisible({ timeout: 60_000 });
  const kept = panel.getByText(/^\d+ runs? of \d+ kept/);
  await expect(kept).toHaveText(/^(\d+) runs of \1 kept/);
  const whole = await kept.innerText();
  const field = panel.getByRole('group', { name: 'Kept ranges' }).getByRole('textbox').last();
  await keys.write(field, '0.05');
  await keys.hit('Tab');
  await expect(kept).not.toHaveText(whole);
  const part = await kept.innerText();
  await keys.write(field, '0,05');
  await keys.hit('Tab');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(panel.getByRole('alert')).toContainText('“0,05” is no number; the range is as it was');
  await expect(kept).toHaveText(part);
  await keys.press(panel.getByRole('button', { name: 'Keep all' }));
  await expect(kept).toHaveText(whole);
  await keys.expectFocus();
  const grip = plot.locator('rect.grip').last();
  await expect(async () => {
    await drag(grip, [0.5, 0.1], [0.5, 0.4]);
    await expect(kept).not.toHaveText(whole, { timeout: 5000 });
  }).toPass({ timeout: 120_000 });

  // One chip on every tab says what is kept, and Escape lets go of it.
  const chip = page.getByRole('status').filter({ hasText: 'Kept on every tab' });
  await expect(chip).toBeVisible();
  await page.getByRole('tab', { name: 'Table' }).click();
  await expect(chip).toBeVisible();
  await page.getByRole('tab', { name: 'Trade-off' }).click();
  await expect(chip).toBeVisible();
  await keys.hit('Escape');
  await expect(chip).toHaveCount(0);
  const high = page.getByRole('group', { name: 'Kept ranges' }).getByRole('textbox').last();
  await expect(high).toBeVisible({ timeout: 120_000 });
  await keys.write(high, '0.0001');
  await keys.hit('Tab');
  await expect(chip).toBeVisible();
  await keys.press(chip.getByRole('button', { name: 'Clear (Esc)' }));
  await expect(chip).toHaveCount(0);
  await keys.expectFocus();
});

for (const [name, theme, take] of [
  ['with a pointer, light', 'light', (page: Page): Hands => new Pointer(page)],
  ['by keys alone, dark', 'dark', (page: Page): Hands => new Keys(page)],
] as const) {
  test(`a thousand runs are thrown away and brought back (G13), ${name}`, async ({ studio, page }) => {
    void studio;
    await inTheme(page, theme);
    const [hands, runs] = [take(page), new RunsPage(page)];
    await hands.go('Runs');
    await hands.write(runs.query, 'experiment = "Many seeds"');
    await page.keyboard.press('Escape');
    const heading = page.getByRole('heading', { level: 1 });
    await expect(heading).toHaveText(/Runs\s+1,000/, { timeout: 60_000 });
    await hands.tick(runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }));
    await expect(runs.selected).toContainText('1,000 runs');
    hands.presses = 0;
    if (hands instanceof Keys) {
      await hands.reach(runs.grid);
      await hands.hit('Delete');
    } else await hands.press(runs.selected.getByRole('button', { name: 'Move to trash' }));
    await expect(page.getByText('No run matches this filter.')).toBeVisible({ timeout: 60_000 });
    if (hands instanceof Keys) await hands.hit('Control+z');
    else await hands.press(page.getByRole('button', { name: /^Undo: / }));
    expect(hands.presses).toBe(2);
    await expect(heading).toHaveText(/Runs\s+1,000/, { timeout: 60_000 });
    await expect(runs.rows()).toHaveCount(1);
    if (hands instanceof Keys) await hands.expectFocus();
  });
}
