import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeDatasetFolder } from '../desktop/dataset-folder.ts';
import { writeDivergingFolder } from '../fixtures/diverging-folder.ts';
import { Keys, Pointer, type Hands } from './hands.ts';
import { endless } from './pages/epoch.ts';
import { ExportPage } from './pages/export-page.ts';
import { NewExperimentPage } from './pages/new-experiment.ts';
import { QueuePage } from './pages/queue.ts';
import { RunsPage } from './pages/runs-page.ts';
import { avocet, expect, expectAccessibleInBoth, expectLoaded, inTheme, ownStudio, test } from './studio.ts';

/**
 * The ways through the studio that matter most, each walked twice: with a pointer in the light theme and with a keyboard alone in the
 * dark one. Where a way leads does not depend on colours, so the other two pairs are not walked; axe reads where it ends in both themes.
 * Presses are counted where they walk. One data folder and one story: each test goes on where the one before ended.
 */
test.describe.configure({ mode: 'serial' });
test.use(
  ownStudio(async (home) => {
    // Three datasets, and a run that fails on the third.
    const [small, huge] = [join(home, 'small'), join(home, 'huge')];
    writeDatasetFolder(small);
    writeDivergingFolder(huge);
    for (const [folder, name] of [
      [small, 'Small'],
      [huge, 'Huge'],
    ] as const)
      await avocet(home, 'import', folder, '--name', name);
    await avocet(home, 'run', '--dataset', 'huge', '--model', 'vbpr', '--seeds', '1').catch(() => undefined);
  }),
);
test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

const ways = [
  { name: 'with a pointer, light', theme: 'light', seed: '1', take: (page: Page): Hands => new Pointer(page) },
  { name: 'by keys alone, dark', theme: 'dark', seed: '2', take: (page: Page): Hands => new Keys(page) },
] as const;

/** Runs that wait, as the status bar says. */
const waiting = async (page: Page): Promise<number> =>
  Number(/([\d,]+) waiting/.exec(await page.getByRole('contentinfo').innerText())?.[1]?.replace(',', '') ?? 0);
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

/** Copies what Export shows; the clipboard is emptied first, since an earlier copy would do as well. */
async function copied(hands: Hands, page: Page): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await hands.press(page.getByRole('button', { name: 'Copy', exact: true }));
  await expect.poll(() => clipboard(page)).not.toBe('');
  return clipboard(page);
}

for (const { name, theme, seed, take } of ways) {
  test(`from the demo to LaTeX, ${name}`, async ({ studio, page }) => {
    void studio;
    await inTheme(page, theme);
    const [hands, form, queue] = [take(page), new NewExperimentPage(page), new QueuePage(page)];
    await hands.go('New experiment');
    await expect(form.dataset('Demo')).toBeChecked({ timeout: 60_000 });
    for (const model of ['LightGCN', 'MGCN']) {
      await expect(form.model(model)).toBeVisible();
      if (!(await form.model(model).isChecked())) await hands.tick(form.model(model));
    }
    await hands.press(form.how.getByRole('button', { name: 'Unlock', exact: true }));
    await hands.write(form.how.getByLabel('Epochs, at most', { exact: true }), '3');
    await hands.write(form.plan.getByRole('textbox', { name: 'Seeds', exact: true }), seed);
    await expect(form.start(2)).toHaveText(/Start 2 runs · about/, { timeout: 60_000 });
    await hands.press(form.start(2));
    await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
    const matrix = page.getByRole('region', { name: /LightGCN/ }).filter({ hasText: '2 of 2 done' });
    await expect(matrix.first()).toBeVisible({ timeout: 300_000 });
    await hands.press(matrix.first().getByRole('link', { name: 'Compare', exact: true }));
    await expect(page.getByRole('tabpanel', { name: 'Table' }).getByRole('table')).toContainText('MGCN', { timeout: 60_000 });
    await hands.press(page.getByRole('button', { name: 'Export table' }));
    await expect(new ExportPage(page).preview).toContainText('MGCN', { timeout: 60_000 });
    const latex = await copied(hands, page);
    expect(latex).toContain('\\toprule');
    expect(latex).toMatch(/LightGCN.*\d\.\d{4}/);
    await expect(queue.waiting).toBeHidden();
    await expectAccessibleInBoth(page, 'an export');
  });
}

test('data is added, its columns mapped and a split made, by keys alone', async ({ studio, page }) => {
  void studio;
  await inTheme(page, 'dark');
  const hands = new Keys(page);
  const source = mkdtempSync(join(tmpdir(), 'avocet-source-'));
  const rows = ['who,what,when'];
  for (let user = 0; user < 24; user++)
    for (let step = 0; step < 8; step++) rows.push(`u${user},i${(user * 3 + step * 7) % 25},${1_600_000_000 + step * 86_400 + user}`);
  writeFileSync(join(source, 'log.csv'), `${rows.join('\n')}\n`);
  await hands.go('Datasets');
  await hands.press(page.getByRole('button', { name: 'Import dataset' }).first());
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  await hands.write(dialog.getByLabel('Folder or file'), join(source, 'log.csv'));
  await hands.press(dialog.getByRole('button', { name: 'Inspect' }));
  await hands.choose(dialog.getByRole('combobox', { name: /^User:/ }), 'who');
  await hands.choose(dialog.getByRole('combobox', { name: /^Item:/ }), 'what');
  await hands.choose(dialog.getByRole('combobox', { name: /^Time:/ }), 'when');
  await hands.choose(dialog.getByRole('combobox', { name: /^Rule/ }), 'Leave one out');
  const preview = dialog.getByRole('region', { name: 'Preview', exact: true });
  await expect(preview.getByText('valid. 24')).toBeVisible({ timeout: 60_000 });
  await hands.write(dialog.getByLabel('Name', { exact: true }), 'By keys');
  await hands.press(dialog.getByRole('button', { name: 'Import By keys' }));
  await expect(dialog).toBeHidden({ timeout: 60_000 });
  await hands.expectFocus();
  await expect(page.getByRole('heading', { level: 1, name: 'By keys' })).toBeVisible({ timeout: 60_000 });
  await hands.press(page.getByRole('button', { name: 'New split' }));
  const split = page.getByRole('dialog', { name: /split/i });
  await hands.choose(split.getByRole('combobox', { name: /^Rule/ }), 'Ratio per user');
  await hands.write(split.getByLabel('Name', { exact: true }), 'By ratio');
  await hands.press(split.getByRole('button', { name: /^Make/ }));
  await expect(split).toBeHidden({ timeout: 60_000 });
  await hands.expectFocus();
  await hands.go('Datasets');
  await expect(page.getByRole('link', { name: 'By ratio', exact: true })).toBeVisible({ timeout: 60_000 });
  rmSync(source, { recursive: true });
});

test('a run is started, paused and stopped by keys alone', async ({ studio, page }) => {
  void studio;
  await inTheme(page, 'dark');
  const [hands, form, queue] = [new Keys(page), new NewExperimentPage(page), new QueuePage(page)];
  await hands.go('New experiment');
  await hands.press(page.getByRole('button', { name: 'Clear' }));
  await hands.tick(form.model('BPR'));
  await hands.press(form.how.getByRole('button', { name: 'Unlock', exact: true }));
  await hands.write(form.how.getByLabel('Epochs, at most', { exact: true }), String(endless));
  await hands.write(form.how.getByLabel('Epochs, at least', { exact: true }), String(endless));
  await hands.write(form.plan.getByRole('textbox', { name: 'Seeds', exact: true }), '9');
  await hands.press(form.start(1));
  const card = queue.card('BPR on Demo, seed 9');
  await queue.waitForEpoch(card, 0);
  await hands.press(card.getByRole('button', { name: 'Pause', exact: true }));
  await expect(card.getByRole('button', { name: 'Resume', exact: true })).toBeVisible({ timeout: 60_000 });
  await hands.expectFocus();
  await hands.press(card.getByRole('button', { name: 'Stop', exact: true }));
  await expect(card).toBeHidden({ timeout: 60_000 });
  // The card went away with its button: the focus is on what is left of the screen.
  await hands.expectFocus();
});

for (const { name, theme, take } of ways) {
  test(`a grid of two models, three datasets, two fields and five seeds in at most 14 presses, ${name}`, async ({ studio, page }) => {
    void studio;
    await inTheme(page, theme);
    const [hands, form, runs] = [take(page), new NewExperimentPage(page), new RunsPage(page)];
    await hands.go('Queue');
    const hold = page.getByRole('button', { name: 'Hold the queue' });
    await expect(hold.or(page.getByRole('button', { name: 'Release the queue' }))).toBeVisible();
    if (await hold.isVisible()) await hands.press(hold);
    await hands.go('New experiment');
    await hands.press(page.getByRole('button', { name: 'Clear' }));
    await expect(form.dataset('Demo')).toBeChecked();

    const before = await waiting(page);
    hands.presses = 0;
    for (const dataset of ['Small', 'Huge']) await hands.tick(form.dataset(dataset));
    for (const model of ['LightGCN', 'MGCN']) await hands.tick(form.model(model));
    for (const [model, field] of [
      ['LightGCN', 'Propagation layers L'],
      ['MGCN', 'Regularisation weight λ'],
    ] as const) {
      const tab = form.how.getByRole('tab', { name: new RegExp(`^${model}`) });
      // Arrows choose a tab as they come to it.
      if (hands instanceof Keys) await hands.reach(tab);
      else await hands.press(tab);
      await hands.press(form.how.getByRole('button', { name: `Vary ${field}`, exact: true }));
    }
    await hands.pick(form.plan.getByRole('radio', { name: '5', exact: true }));
    await expect(form.start()).toBeEnabled({ timeout: 60_000 });
    const count = Number(/Start ([\d,]+) runs/.exec(await form.start().innerText())?.[1]?.replace(',', ''));
    const rows = (await form.rows()).length;
    expect(rows).toBeGreaterThan(4);
    expect(count).toBe(rows * 3 * 5);
    await hands.press(form.start());
    expect(hands.presses).toBeLessThanOrEqual(14);
    await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
    await expect.poll(() => waiting(page)).toBe(before + count);

    // What waits is not waited for.
    await hands.go('Runs');
    await hands.write(runs.query, 'status = queued');
    await page.keyboard.press('Escape');
    await expect(runs.rows().first()).toContainText('queued', { timeout: 60_000 });
    await hands.tick(runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }));
    await hands.press(runs.selected.getByRole('button', { name: 'Move to trash' }));
    await expect(page.getByText('No run matches this filter.')).toBeVisible();
    if (hands instanceof Keys) await hands.expectFocus();
  });

  test(`selected runs are LaTeX, a run is cloned with one change, a failure has its fix, and a user has lists, ${name}`, async ({
    studio,
    page,
  }) => {
    void studio;
    await inTheme(page, theme);
    const [hands, form, runs] = [take(page), new NewExperimentPage(page), new RunsPage(page)];

    await test.step('LaTeX in the clipboard in at most 4 presses', async () => {
      await hands.go('Runs');
      await hands.write(runs.query, 'dataset = demo and status = finished');
      await page.keyboard.press('Escape');
      await expect(runs.rows()).toHaveCount(2);
      await hands.tick(runs.grid.getByRole('checkbox', { name: 'Select all runs matched' }));
      hands.presses = 0;
      await hands.press(runs.selected.getByRole('button', { name: 'Export', exact: true }));
      await expect(new ExportPage(page).preview).toContainText('MGCN', { timeout: 60_000 });
      expect(await copied(hands, page)).toContain('\\toprule');
      expect(hands.presses).toBeLessThanOrEqual(4);
    });

    await test.step('a failed run: its reason at one press, the fix beside it', async () => {
      await hands.go('Runs');
      await hands.write(runs.query, 'status = failed');
      await page.keyboard.press('Escape');
      const reason = runs.rows().first().getByRole('link', { name: 'See reason' });
      await expect(reason).toBeVisible({ timeout: 60_000 });
      hands.presses = 0;
      if (hands instanceof Keys) {
        // The row that arrows lead to opens with Enter.
        await hands.reach(runs.grid);
        await page.keyboard.press('ArrowDown');
        await hands.hit('Enter');
      } else await hands.press(reason);
      expect(hands.presses).toBeLessThanOrEqual(1);
      const panel = page.getByRole('tabpanel', { name: 'Overview' });
      for (const words of ['Diverged at epoch 1', 'Likely why', 'What is kept']) await expect(panel).toContainText(words);
      await expect(panel.getByRole('link', { name: /^Clone with learning rate 0\.0001/ })).toBeVisible();
    });

    await test.step('a clone with one change in at most 3 presses', async () => {
      await page.evaluate(() => void (location.hash = '#/runs?filter=model%20%3D%20lightgcn%20and%20status%20%3D%20finished'));
      // Loaded anew: the rows of the filter before must not be taken for those of this one.
      await page.reload();
      await runs.openFirst();
      const clone = page.getByRole('link', { name: 'Clone', exact: true });
      await expect(clone).toBeVisible();
      hands.presses = 0;
      await hands.press(clone);
      await expect(form.model('LightGCN')).toBeChecked({ timeout: 60_000 });
      await hands.write(form.how.getByLabel('Patience', { exact: true }), hands instanceof Keys ? '7' : '5');
      await expect(form.start(1)).toHaveText(/Start 1 run/, { timeout: 60_000 });
      await hands.press(form.start(1));
      expect(hands.presses).toBeLessThanOrEqual(3);
      await expect(page.getByRole('contentinfo')).toContainText(/Queue: 0 running · \d+ waiting · held/);
    });

    await test.step('from a user’s id to what two models recommend', async () => {
      await hands.go('Recommendations');
      await expect(page.getByRole('listbox', { name: /^Users, 800/ })).toBeVisible({ timeout: 60_000 });
      hands.presses = 0;
      await hands.write(page.getByRole('searchbox', { name: 'User or item' }), '412');
      await expect(page.getByRole('option').first()).toContainText('412');
      if (hands instanceof Keys) await hands.hit('Enter');
      else await hands.press(page.getByRole('option').first());
      expect(hands.presses).toBeLessThanOrEqual(2);
      await expect(page.getByRole('heading', { name: 'User 412', exact: true })).toBeVisible();
      for (const side of ['A', 'B'])
        await expect(page.getByRole('region', { name: new RegExp(`^${side}: `) }).getByRole('listitem')).toHaveCount(10);
      await expectLoaded(page);
      await expectAccessibleInBoth(page, 'lists of a user');
    });
  });
}

test('runs are filtered and grouped, compared and tested, by keys alone', async ({ studio, page }) => {
  void studio;
  await inTheme(page, 'dark');
  const [hands, runs] = [new Keys(page), new RunsPage(page)];
  await hands.go('Runs');
  await page.keyboard.press('Control+f');
  await hands.write(runs.query, 'status = finished');
  await page.keyboard.press('Escape');
  await hands.press(page.getByRole('button', { name: 'Group: none' }));
  await hands.tick(page.getByRole('dialog', { name: 'Group rows' }).getByRole('checkbox', { name: 'Dataset' }));
  await hands.hit('Escape');
  await expect(runs.grid.getByRole('row').filter({ hasText: /Demo.*configurations/ })).toBeVisible();

  await hands.go('Compare');
  await hands.press(
    page
      .getByRole('main')
      .getByRole('link', { name: /LightGCN.*MGCN.* on Demo$/ })
      .last(),
  );
  await hands.reach(page.getByRole('tab', { name: 'Statistics', exact: true }));
  const panel = page.getByRole('tabpanel', { name: 'Statistics' });
  const against = panel.getByRole('region', { name: /^Adjusted p against/ });
  await expect(against.getByRole('button', { name: /^MGCN, Demo, NDCG@20: adjusted p/ })).toBeVisible({ timeout: 60_000 });
  await hands.press(against.getByRole('button', { name: /^MGCN, Demo, NDCG@20/ }));
  await expect(panel.getByRole('complementary', { name: 'The chosen comparison' })).toContainText('MGCN against LightGCN');
  await hands.hit('Shift+F10');
  await expect(page.getByRole('menu').getByRole('menuitem')).toHaveText(['Look at this comparison', 'Copy this comparison']);
  await hands.hit('Escape');
  await hands.choose(panel.getByRole('combobox', { name: /^Correction/ }), /Benjamini/);
  await expect(panel).toContainText(/Benjamini–Hochberg over/, { timeout: 60_000 });
  await expectAccessibleInBoth(page, 'statistics');
});
