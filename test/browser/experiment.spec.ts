import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeDivergingFolder } from '../fixtures/diverging-folder.ts';
import { NewExperimentPage } from './pages/new-experiment.ts';
import { QueuePage } from './pages/queue.ts';
import { RunDetailPage, runTabs } from './pages/run-detail.ts';
import { expect, expectAccessible, inTheme, keep, serve, test as base, type Server } from './studio.ts';

// A studio of its own: other files want one in which nothing has run.
const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const home = mkdtempSync(join(tmpdir(), 'avocet-experiment-'));
      const server = await serve(home);
      await use(server);
      await server.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

test.describe.configure({ mode: 'serial' });

test('from first start to the first running experiment on the demo in two clicks', async ({ page, studio }) => {
  const form = new NewExperimentPage(page);
  const queue = new QueuePage(page);
  await page.evaluate(() => {
    (window as unknown as { clicks: number }).clicks = 0;
    addEventListener('click', () => (window as unknown as { clicks: number }).clicks++, true);
  });
  await studio.goTo('New experiment');
  await expect(form.dataset('Demo')).toBeChecked({ timeout: 60_000 });
  for (const model of ['LightGCN', 'MGCN', 'EGRA']) await expect(form.model(model)).toBeChecked();
  expect(await form.rows()).toEqual(['LightGCN', 'MGCN', 'EGRA']);
  await expect(form.cells()).toHaveCount(9);
  await expect(form.start(9)).toHaveText(/Start 9 runs · about \d/);
  await form.start(9).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await queue.waitForEpoch(queue.card(/^LightGCN on Demo, seed 1/), 0);
  expect(await page.evaluate(() => (window as unknown as { clicks: number }).clicks)).toBeLessThanOrEqual(4);
});

test('a running card shows curves, best epoch, patience, time left and its last line', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  const card = page.getByRole('article').first();
  await queue.waitForEpoch(card, 3);
  await expect(card.getByRole('img', { name: /^Training loss over \d+ epochs, from/ })).toBeVisible();
  await expect(card.getByRole('img', { name: /^Validation Recall@20 over \d+ epochs, best 0\.\d{4} at epoch \d+/ })).toBeVisible();
  await expect(card.getByRole('img', { name: /epochs without gain/i })).toBeVisible();
  for (const words of ['Best epoch', 'Patience', 'Time left']) await expect(card).toContainText(words);
  await expect(card).toContainText(/epoch \d+ loss [\d.]+ recall@20 0\.\d{4}/);
});

test('the console is searched, filtered and closed', async ({ page, studio }) => {
  await studio.goTo('Queue');
  await page
    .getByRole('button', { name: /^Console of/ })
    .first()
    .click();
  const log = page.getByRole('log', { name: 'Console' });
  await expect(log).toContainText('prepared');
  await page.getByRole('searchbox', { name: 'Search the console' }).fill('prepared');
  await expect(page.getByRole('status').filter({ hasText: /^1 of \d+ lines match/ })).toBeVisible();
  await expect(log.getByText(/^epoch/)).toHaveCount(0);
  await expectAccessible(page, 'queue with the console open');
  await page.getByRole('button', { name: 'Close panel' }).click();
  await expect(log).toBeHidden();
});

test('waiting runs are moved by keys and menu, held and released, and keep their order', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  await page.getByRole('button', { name: 'Hold the queue' }).click();
  await expect(page.getByRole('button', { name: 'Release the queue' })).toBeVisible();
  const all = page.getByRole('button', { name: 'Show all', exact: true });
  if (await all.isVisible()) await all.click();
  const before = await queue.order();
  const last = before.at(-1)!;
  await queue.handle(last).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => queue.order()).toEqual([...before.slice(0, -2), last, before.at(-2)]);
  await page.getByRole('button', { name: `More for ${last}` }).click();
  await page.getByRole('menuitem', { name: 'Run next' }).click();
  await expect.poll(async () => (await queue.order())[0]).toBe(last);
  await page.getByRole('button', { name: `Hold ${last}`, exact: true }).click();
  await expect(queue.waiting).toContainText('on hold');
  await page.reload();
  await expect.poll(async () => (await queue.order())[0]).toBe(last);
  await queue.handle(last).hover();
  await page.getByRole('button', { name: `Release ${last}`, exact: true }).click();
  await expect(queue.waiting).not.toContainText('on hold');
  await page.getByRole('button', { name: 'Release the queue' }).click();
});

test('a waiting run is dragged to another place', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  await page.getByRole('button', { name: 'Hold the queue' }).click();
  const before = await queue.order();
  await queue.handle(before[2]!).dragTo(queue.handle(before[0]!), { targetPosition: { x: 8, y: 2 } });
  await expect.poll(async () => (await queue.order()).slice(0, 3)).toEqual([before[2], before[0], before[1]]);
  await page.getByRole('button', { name: 'Release the queue' }).click();
});

test('a run is paused, goes on where it stood, and is stopped with its best epoch kept', async ({ page, studio }) => {
  test.setTimeout(400_000);
  const form = new NewExperimentPage(page);
  const queue = new QueuePage(page);
  const run = new RunDetailPage(page);
  // Long enough that it cannot end by itself between two clicks.
  await studio.goTo('New experiment');
  await form.choose(['LightGCN']);
  await form.setSeeds('9');
  await form.setBudget('Epochs, at least', 900);
  await form.start(1).click();
  const title = 'LightGCN on Demo, seed 9';
  const runNext = async () => {
    const next = page.getByRole('button', { name: `Run next: ${title}` });
    if (await next.isVisible()) await next.click();
  };
  await expect(queue.handle(title).or(queue.card(title))).toBeVisible();
  await runNext();
  const card = queue.card(title);
  await expect(card).toBeVisible({ timeout: 200_000 });
  await queue.waitForEpoch(card, 2);
  await card.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(card.getByRole('button', { name: 'Resume', exact: true })).toBeVisible({ timeout: 60_000 });
  const paused = await queue.epoch(card);
  expect(paused).toBeGreaterThan(2);
  await card.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(queue.handle(title).or(card.getByRole('button', { name: 'Pause', exact: true }))).toBeVisible({ timeout: 60_000 });
  await runNext();
  await expect(card.getByRole('button', { name: 'Pause', exact: true })).toBeVisible({ timeout: 200_000 });
  await queue.waitForEpoch(card, paused);
  await card.getByRole('button', { name: 'Stop', exact: true }).click();
  await queue.finished.getByRole('link', { name: new RegExp(`^${title}: stopped`) }).click({ timeout: 60_000 });
  await expect(page.getByText(/^Stopped by you after .*: best validation Recall@20 0\.\d{4} at epoch \d+/)).toBeVisible();
  await run.open('Stages');
  // Its head, the attempt that was paused, and the one that went on.
  await expect(run.panel('Stages').getByRole('table').last().getByRole('row')).toHaveCount(3);
});

test('a finished run explains itself on every tab, in both themes', async ({ page, studio }) => {
  test.setTimeout(300_000);
  const queue = new QueuePage(page);
  const run = new RunDetailPage(page);
  await studio.goTo('Queue');
  const link = queue.finished.getByRole('link', { name: /seed \d: validation Recall@20/ }).first();
  await link.click({ timeout: 240_000 });
  await expect(page.getByText(/^Finished after .*: early stop at epoch \d+, \d+ epochs without gain/)).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    for (const tab of runTabs) {
      await run.open(tab);
      await expect(run.panel(tab)).toBeVisible();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
      await keep(page, `run-${tab.toLowerCase()}-${theme}`);
      await expectAccessible(page, `run, ${tab}, ${theme}`);
    }
  }
  await run.open('Metrics');
  await expect(run.panel('Metrics').getByRole('region', { name: /^Test/ })).toContainText('hidden until the selection is frozen');
  await expect(run.panel('Metrics').getByRole('region', { name: 'Validation' }).getByRole('group')).toHaveCount(16);
});

test('files are saved as .npy and CSV', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  const run = new RunDetailPage(page);
  await studio.goTo('Queue');
  await queue.finished
    .getByRole('link', { name: /validation Recall@20/ })
    .first()
    .click();
  await run.open('Files');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save The 50 best items of each user as CSV' }).click();
  const csv = readFileSync(await (await download).path(), 'utf8').split('\r\n');
  expect(csv[0]).toMatch(/^user,item_1,.*,item_50$/);
  expect(csv.length).toBeGreaterThan(700);
  const second = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save User vectors as .npy' }).click();
  const npy = readFileSync(await (await second).path());
  expect(npy.subarray(1, 6).toString()).toBe('NUMPY');
  expect(npy.subarray(0, 128).toString('latin1')).toContain('(800, 64)');
});

test('a note, a tag and a star stay; a clone fills the form and starts one run', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  const run = new RunDetailPage(page);
  const form = new NewExperimentPage(page);
  await studio.goTo('Queue');
  await queue.finished
    .getByRole('link', { name: /validation Recall@20/ })
    .first()
    .click();
  const name = /^(\w+) on Demo, seed (\d)/.exec(await run.title.innerText());
  await run.open('Notes');
  await page.getByRole('textbox', { name: 'Note' }).fill('Higher than I expected.');
  await page.getByRole('textbox', { name: 'Add a tag' }).fill('baseline');
  await page.getByRole('textbox', { name: 'Add a tag' }).press('Enter');
  await page.getByRole('button', { name: 'Star this run' }).click();
  await expect(page.getByRole('button', { name: 'Remove star' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Higher than I expected.');
  await expect(page.getByRole('button', { name: 'Remove baseline' })).toBeVisible();
  await page.getByRole('link', { name: 'Clone' }).click();
  await expect(form.model(name![1]!)).toBeChecked();
  await expect(page.getByRole('textbox', { name: 'Seeds', exact: true })).toHaveValue(name![2]!);
  await form.setBudget('Patience', 5);
  await expect(form.start(1)).toHaveText(/Start 1 run · /);
});

test('the form is searched, varied, checked and explained', async ({ page, studio }) => {
  const form = new NewExperimentPage(page);
  await studio.goTo('New experiment');
  await page.getByRole('button', { name: 'Clear' }).click();
  await form.choose(['LightGCN', 'EGRA']);
  await form.setSeeds('21, 22');
  await form.openModel('EGRA');
  await form.how.getByRole('searchbox', { name: 'Find a setting' }).fill('ii_k');
  await form.how.getByRole('button', { name: /^Vary / }).click();
  const values = form.how.getByRole('group', { name: /^Values of/ });
  for (const value of ['5', '15']) await values.getByRole('button', { name: `Remove ${value}` }).click();
  await expect.poll(() => form.rows()).toEqual(['LightGCN', 'EGRA ii_k 10', 'EGRA ii_k 20']);
  await expect(form.start(6)).toBeVisible();
  expect(await form.rows()).toEqual(['LightGCN', 'EGRA ii_k 10', 'EGRA ii_k 20']);
  await expect(form.cells()).toHaveCount(6);
  await form.how.getByRole('searchbox', { name: 'Find a setting' }).fill('tau');
  await form.setting('Temperature').fill('0');
  await expect(form.how).toContainText('Must be above 0');
  await expect(form.start()).toBeDisabled();
  await expect(form.plan).toContainText('1 value is out of range');
  await form.setting('Temperature').fill('0.4');
  await expect(form.start()).toBeEnabled();
  await form.how.getByRole('searchbox', { name: 'Find a setting' }).fill('');
  await form.how.getByRole('switch', { name: 'Changed only' }).click();
  await expect(form.how.getByRole('textbox', { name: /\(tau\)/ })).toHaveValue('0.4');
  await expect(form.how.getByRole('textbox', { name: /\(reg_weight\)/ })).toHaveCount(0);
  await form.how.getByRole('switch', { name: 'Changed only' }).click();
  await form.how.getByRole('button', { name: /^Inferred: Entity weight/ }).click();
  await expect(page.getByRole('dialog')).toContainText('Our reading');
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await keep(page, `new-experiment-${theme}`);
    await expectAccessible(page, `the form with an open mark, ${theme}`);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Show command' }).click();
  await expect(page.getByRole('dialog', { name: 'The same on the command line' })).toContainText('avocet');
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.getByRole('tab', { name: 'Plan', exact: true }).click();
  await expect(form.start()).toBeVisible();
  await expect(form.what).toBeHidden();
});

test('a failed run leads with what, where, why, what is kept, and the fix', async ({ page, studio, server }) => {
  const form = new NewExperimentPage(page);
  const queue = new QueuePage(page);
  const folder = join(server.home, '..', `${server.home.split('/').pop()}-diverging`);
  writeDivergingFolder(folder);
  const root = resolve(import.meta.dirname, '../..');
  execFileSync(process.execPath, [join(root, 'main/cli/avocet.mjs'), 'import', folder, '--name', 'Huge', '--home', server.home], {
    cwd: root,
  });
  rmSync(folder, { recursive: true });
  await studio.goTo('New experiment');
  await page.reload();
  await page.getByRole('button', { name: 'Clear' }).click();
  await form.choose(['VBPR']);
  for (const box of await form.what.getByRole('list').first().getByRole('checkbox', { checked: true }).all()) await box.uncheck();
  await form.dataset('Huge').check();
  await form.setSeeds('1');
  await form.start(1).click();
  const reason = page.getByRole('link', { name: 'See reason: VBPR seed 1' });
  await expect(reason).toBeVisible({ timeout: 120_000 });
  await reason.click();
  const panel = page.getByRole('tabpanel', { name: 'Overview' });
  for (const words of ['Diverged at epoch 1', 'Where', 'Likely why', 'What is kept', 'stays out of every mean'])
    await expect(panel).toContainText(words);
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await keep(page, `run-failed-${theme}`);
    await expectAccessible(page, `a failed run, ${theme}`);
  }
  await panel.getByRole('link', { name: /^Clone with learning rate 0\.0001/ }).click();
  await expect(form.how.getByLabel('Learning rate')).toHaveValue('0.0001');
  await studio.goTo('Queue');
  await expect(queue.finished.getByRole('link', { name: /VBPR on Huge/ })).toBeVisible();
});
