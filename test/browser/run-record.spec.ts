import { ExportPage } from './pages/export-page.ts';
import { RunDetailPage } from './pages/run-detail.ts';
import { avocet, expect, expectAccessible, inTheme, keep, ownStudio, test } from './studio.ts';

test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

test.use(ownStudio((home) => avocet(home, 'run', '--dataset', 'demo', '--model', 'lightgcn', '--epochs', '2', '--seed', '1')));

test('a finished run is verified digit by digit, gets another seed, and shows its family', async ({ page, studio, server }) => {
  test.setTimeout(600_000);
  const { runs } = JSON.parse(await avocet(server.home, 'runs', '--json')) as { runs: readonly { id: string }[] };
  const run = new RunDetailPage(page);
  await studio.goTo('Runs');
  await page.evaluate((id) => (location.hash = `#/runs/${id}`), runs[0]!.id);
  await expect(run.title).toContainText('LightGCN on Demo, seed 1');

  await page.getByRole('button', { name: 'More for this run' }).click();
  await page.getByRole('menuitem', { name: 'Copy the citation' }).click();
  const cited = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(cited).toContain('@misc{lightgcn-2020,\n  title = {{LightGCN: Simplifying and Powering');
  expect(await cited()).toMatch(
    new RegExp(`note = \\{Run ${runs[0]!.id}; dataset Demo, split hash [0-9a-f]{8,}; seed 1; configuration hash [0-9a-f]+\\}`),
  );

  await page.getByRole('button', { name: 'More for this run' }).click();
  await page.getByRole('menuitem', { name: 'Export its table' }).click();
  await expect(new ExportPage(page).preview.getByRole('row', { name: /^LightGCN/ })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'What to export' }).getByText('1 run', { exact: true })).toBeVisible();
  await page.goBack();

  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await expect(page.getByText(/^Verified on .*: 32 of 32 values and \d+ of \d+ files equal$/)).toBeVisible({ timeout: 120_000 });
  await keep(page, 'run-verified');

  await page.getByRole('button', { name: 'More for this run' }).click();
  await page.getByRole('menuitem', { name: 'Run again with another seed' }).click();
  await run.open('Lineage');
  const family = run.panel('Lineage').getByRole('listitem');
  await expect(family).toHaveCount(2, { timeout: 60_000 });
  await expect(family.nth(1)).toContainText('Another seed');
  await run.panel('Lineage').getByRole('textbox', { name: 'Expectation' }).fill('A second seed lands close by.');
  await run.panel('Lineage').getByRole('textbox', { name: 'Outcome' }).focus();
  await expect(page.getByRole('status', { name: 'Messages' }).getByText('Expectation saved')).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await expectAccessible(page, `Lineage, ${theme}`);
  }
  await family.nth(1).getByRole('link').click();
  await expect(run.title).toContainText('seed 2');
  await expect(run.panel('Lineage').getByText('A second seed lands close by.')).toBeVisible();

  await page.evaluate((id) => (location.hash = `#/runs/${id}?tab=files`), runs[0]!.id);
  await page.getByRole('button', { name: 'Save Metrics of each user, validation as CSV' }).press('Shift+F10');
  const menu = page.getByRole('menu', { name: 'Metrics of each user, validation' });
  await expect(menu.getByRole('menuitem')).toHaveText([/Save as \.npy/, /Save as CSV/, /Copy its SHA-256/]);
  await menu.getByRole('menuitem', { name: 'Copy its SHA-256' }).click();
  await expect.poll(cited).toMatch(/^[0-9a-f]{64}$/);
  await page.getByRole('button', { name: 'Move the checkpoint of the best epoch to the trash' }).click();
  await page.getByRole('button', { name: 'Delete the checkpoint of the best epoch for good' }).click();
  await expect(page.getByRole('status', { name: 'Messages' }).getByText(/^Freed /)).toBeVisible();
  await run.open('Overview');
  await expect(page.getByText(/^Its best checkpoint was deleted/)).toBeVisible();
});
