import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeDivergingFolder } from '../fixtures/diverging-folder.ts';
import { endless } from './pages/epoch.ts';
import { NewExperimentPage } from './pages/new-experiment.ts';
import { QueuePage } from './pages/queue.ts';
import { RunDetailPage, runTabs } from './pages/run-detail.ts';
import { avocet, expect, expectAccessible, expectLoaded, inTheme, keep, ownStudio, test } from './studio.ts';

// A studio of its own: other files want one in which nothing has run.
test.use(ownStudio());

// One story: what runs and waits in one test is there in the next.
test.describe.configure({ mode: 'serial' });

/** Starts by itself, and ends by itself. */
const first = 'LightGCN on Demo, seed 1';
/** Runs until it is stopped. */
const long = 'LightGCN on Demo, seed 9';

/** Opens the first run that ended by itself. */
async function openFirst(page: Page): Promise<void> {
  await new QueuePage(page).finished.getByRole('link', { name: new RegExp(`^${first}: validation`) }).click();
  await expect(new RunDetailPage(page).title).toContainText('LightGCN on Demo, seed 1');
}

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
  await expect.poll(() => form.rows()).toEqual(['LightGCN', 'MGCN', 'EGRA']);
  await expect(form.cells()).toHaveCount(9);
  // The first plan waits until the machine's speed is measured.
  await expect(form.start(9)).toHaveText(/Start 9 runs · about \d/, { timeout: 60_000 });
  await form.start(9).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  // On a fast machine it may have ended before anyone looks.
  const ended = queue.finished.getByRole('link', { name: new RegExp(`^${first}: validation`) });
  await expect(
    queue
      .card(first)
      .filter({ hasText: /Epoch\s*[1-9]/ })
      .or(ended)
      .first(),
  ).toBeVisible({ timeout: 120_000 });
  expect(await page.evaluate(() => (window as unknown as { clicks: number }).clicks)).toBeLessThanOrEqual(4);
  // The list of Compare follows its runs.
  await studio.goTo('Compare');
  const said = page.getByText(/^\d of 9 runs finished/);
  await expect(said).not.toHaveText(await said.innerText(), { timeout: 120_000 });
});

test('a running card shows curves, best epoch, patience, time left and its last line', async ({ page, studio }) => {
  test.setTimeout(600_000);
  const form = new NewExperimentPage(page);
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  // One at a time, so that nothing but the long run moves in the tests that follow.
  await page.getByRole('radio', { name: '1', exact: true }).check({ force: true });
  await studio.goTo('New experiment');
  await form.choose(['LightGCN']);
  await form.setSeeds('9');
  await form.setBudget('Epochs, at most', endless);
  await form.setBudget('Epochs, at least', endless);
  await form.start(1).click();
  await queue.bringToRun(long, 300_000);
  await expect(page.getByRole('article')).toHaveCount(1, { timeout: 200_000 });
  const card = queue.card(long);
  await queue.waitForEpoch(card, 3);
  await expect(card.getByRole('img', { name: /^Training loss over [\d,]+ epochs, from/ })).toBeVisible();
  await expect(card.getByRole('img', { name: /^Validation Recall@20 over [\d,]+ epochs, best 0\.\d{4} at epoch \d+/ })).toBeVisible();
  await expect(card.getByRole('img', { name: /epochs without gain/i })).toBeVisible();
  for (const words of ['Best epoch', 'Patience', 'Time left']) await expect(card).toContainText(words);
  await expect(card).toContainText(/epoch \d+ loss [\d.]+ recall@20 0\.\d{4}/);
  for (const name of ['Training loss', 'Validation Recall@20'])
    await expect(card.getByRole('link', { name })).toHaveAttribute('href', /tab=curves/);
});

test('the console is searched, filtered and closed', async ({ page, studio }) => {
  await studio.goTo('Queue');
  await page.getByRole('button', { name: `Console of ${long}` }).click();
  const log = page.getByRole('log', { name: 'Console' });
  await expect(log.getByText(/^epoch \d/)).not.toHaveCount(0);
  const search = page.getByRole('searchbox', { name: 'Search the console' });
  await search.fill('no such words');
  await expect(page.getByRole('status').filter({ hasText: /^0 of [\d,]+ lines match/ })).toBeVisible();
  await expect(log.getByText(/^epoch/)).toHaveCount(0);
  await search.fill('recall@20');
  await expect(page.getByRole('status').filter({ hasText: /^[1-9]\d* of [\d,]+ lines match/ })).toBeVisible();
  await expect(log.getByText(/^epoch \d/)).not.toHaveCount(0);
  await expectAccessible(page, 'queue with the console open');
  await page.getByRole('button', { name: 'Close panel' }).click();
  await expect(log).toBeHidden();
});

test('waiting runs are moved by keys and menu, held and released, and keep their order', async ({ page, studio }) => {
  const form = new NewExperimentPage(page);
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  await page.getByRole('button', { name: 'Hold the queue' }).click();
  await expect(page.getByRole('button', { name: 'Release the queue' })).toBeVisible();
  // However many of the first nine are left, these wait for certain.
  await studio.goTo('New experiment');
  await form.choose(['BPR']);
  await form.setSeeds('31, 32, 33');
  await form.start(3).click();
  await queue.showAll();
  const before = await queue.order();
  const last = 'BPR on Demo, seed 33';
  expect(before.slice(-3)).toEqual(['BPR on Demo, seed 31', 'BPR on Demo, seed 32', last]);
  await queue.handle(last).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => queue.order()).toEqual([...before.slice(0, -2), last, before.at(-2)]);
  await page.getByRole('button', { name: `More for ${last}` }).click();
  await page.getByRole('menuitem', { name: 'Run next' }).click();
  await expect.poll(async () => (await queue.order())[0]).toBe(last);
  await page.getByRole('button', { name: `Undo: ${last} moved in the queue` }).click();
  await expect.poll(() => queue.order()).toEqual([...before.slice(0, -2), last, before.at(-2)]);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(async () => (await queue.order())[0]).toBe(last);
  await page.getByRole('button', { name: `Hold ${last}`, exact: true }).click();
  await expect(queue.waiting).toContainText('on hold');
  await page.reload();
  await expect.poll(async () => (await queue.order())[0]).toBe(last);
  await queue.handle(last).hover();
  await page.getByRole('button', { name: `Release ${last}`, exact: true }).click();
  await expect(queue.waiting).not.toContainText('on hold');
});

test('a waiting run is dragged to another place', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  await expect(page.getByRole('button', { name: 'Release the queue' })).toBeVisible();
  await queue.showAll();
  const before = await queue.order();
  await queue.handle(before[2]!).dragTo(queue.handle(before[0]!), { targetPosition: { x: 8, y: 2 } });
  await expect.poll(async () => (await queue.order()).slice(0, 3)).toEqual([before[2], before[0], before[1]]);

  // What waits is not waited for.
  const runs = await studio.runs();
  const running = runs.rows().filter({ hasText: /running/ });
  await expect(running).toHaveCount(1);
  await runs.filter('status = queued');
  await expect(running).toHaveCount(0);
  await runs.selectAll();
  await runs.selected.getByRole('button', { name: 'Move to trash' }).click();
  await expect(page.getByText('No run matches this filter.')).toBeVisible();
  await studio.goTo('Queue');
  await expect(queue.waiting).toBeHidden();
  await page.getByRole('button', { name: 'Release the queue' }).click();
  await expect(page.getByRole('button', { name: 'Hold the queue' })).toBeVisible();
});

test('a run is paused, goes on where it stood, and is stopped with its best epoch kept', async ({ page, studio }) => {
  const queue = new QueuePage(page);
  const run = new RunDetailPage(page);
  await studio.goTo('Queue');
  const card = queue.card(long);
  await queue.waitForEpoch(card, 2);
  await card.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(card.getByRole('button', { name: 'Resume', exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(card).toContainText(/Time left\s*paused/);
  await expect(card).toContainText(/0\.\d{4}\s*last/);
  const paused = await queue.epoch(card);
  expect(paused).toBeGreaterThan(2);
  await card.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(card.getByRole('button', { name: 'Pause', exact: true })).toBeVisible({ timeout: 60_000 });
  await queue.waitForEpoch(card, paused);
  await card.getByRole('button', { name: 'Ways to pause' }).click();
  await page.getByRole('menuitem', { name: /^Pause now, dropping epoch [\d,]+/ }).click();
  await expect(card.getByRole('button', { name: 'Resume', exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(card.getByRole('button', { name: 'Ways to pause' })).toHaveCount(0);
  await card.getByRole('button', { name: 'Stop', exact: true }).click();
  await queue.finished.getByRole('link', { name: new RegExp(`^${long}: stopped`) }).click({ timeout: 60_000 });
  await expect(page.getByText(/^Stopped by you after .*: best validation Recall@20 0\.\d{4} at epoch \d+/)).toBeVisible();
  await run.open('System');
  // Its head, the two attempts that were paused, and the one that kept the best.
  await expect(run.panel('System').getByRole('table').last().getByRole('row')).toHaveCount(4);
});

test('a finished run explains itself on every tab, in both themes', async ({ page, studio }) => {
  test.setTimeout(600_000);
  const run = new RunDetailPage(page);
  await studio.goTo('Queue');
  await openFirst(page);
  await expect(page.getByText(/^Finished after .*: early stop at \d+, best \d+, validation Recall@20/)).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    for (const tab of runTabs) {
      await run.open(tab);
      await expect(run.panel(tab)).toBeVisible();
      await expectLoaded(page);
      await keep(page, `run-${tab.toLowerCase()}-${theme}`);
      await expectAccessible(page, `run, ${tab}, ${theme}`);
    }
  }
  await run.open('Metrics');
  await expect(run.panel('Metrics').getByRole('region', { name: /^Test/ })).toContainText('hidden until the selection is frozen');
  await expect(run.panel('Metrics').getByRole('region', { name: 'Validation' }).getByRole('group')).toHaveCount(16);
});

test('files are saved as .npy and CSV', async ({ page, studio }) => {
  const run = new RunDetailPage(page);
  await studio.goTo('Queue');
  await openFirst(page);
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
  const run = new RunDetailPage(page);
  const form = new NewExperimentPage(page);
  await studio.goTo('Queue');
  await openFirst(page);
  await run.open('Notes');
  await page.getByRole('textbox', { name: 'Note' }).fill('Higher than I expected.');
  await page.getByRole('textbox', { name: 'Add a tag' }).fill('baseline');
  await page.getByRole('textbox', { name: 'Add a tag' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Remove baseline' })).toBeVisible();
  await page.getByRole('button', { name: 'Star this run' }).click();
  await expect(page.getByRole('button', { name: 'Remove star' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Higher than I expected.');
  await expect(page.getByRole('button', { name: 'Remove baseline' })).toBeVisible();
  await page.getByRole('link', { name: 'Clone' }).click();
  await expect(form.model('LightGCN')).toBeChecked();
  await expect(page.getByRole('textbox', { name: 'Seeds', exact: true })).toHaveValue('1');
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
  await form.how.getByText('About EGRA').click();
  await expect(form.how.getByRole('heading', { name: 'What it assumes, and when it fails' })).toBeVisible();
  await expect(form.how.getByRole('link', { name: 'arXiv 2508.16170' })).toBeVisible();
  await form.how.getByText('About EGRA').click();
  await form.how.getByRole('searchbox', { name: 'Find a setting' }).fill('ii_k');
  await form.how.getByRole('button', { name: /^Vary / }).click();
  const values = form.how.getByRole('group', { name: /^Values of/ });
  for (const value of ['5', '15']) await values.getByRole('button', { name: `Remove ${value}` }).click();
  await expect.poll(() => form.rows()).toEqual(['LightGCN', 'EGRA ii_k 10', 'EGRA ii_k 20']);
  // As planned here, and as the studio's own plan has it.
  await expect(form.start(6)).toHaveText(/Start 6 runs · /);
  await expect.poll(() => form.rows()).toEqual(['LightGCN', 'EGRA ii_k 10', 'EGRA ii_k 20']);
  await expect(form.cells()).toHaveCount(6);
  await form.how.getByRole('searchbox', { name: 'Find a setting' }).fill('tau');
  await form.setting('Temperature').fill('0');
  await expect(form.how).toContainText('Must be above 0');
  await expect(form.start()).toBeDisabled();
  await expect(form.plan).toContainText('“EGRA: Temperature τ” holds no legal value');
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
  await page.getByRole('button', { name: 'Command and file' }).click();
  const words = page.getByRole('dialog', { name: 'The same in words' });
  await expect(words).toContainText('avocet');
  await words.getByRole('radio', { name: 'YAML file' }).click();
  await expect(words).toContainText('tau: 0.4');
  const saved = page.waitForEvent('download');
  await words.getByRole('button', { name: 'Save as…' }).click();
  expect((await saved).suggestedFilename()).toMatch(/\.yaml$/);
  await page.keyboard.press('Escape');
  await test.step('the form is kept as a template, cleared, and comes back', async () => {
    const templates = page.getByRole('dialog', { name: 'Templates of experiments' });
    await page.getByRole('button', { name: 'Templates' }).click();
    await templates.getByLabel('Name of the template').fill('My temperature');
    await templates.getByRole('button', { name: 'Save as template' }).click();
    const kept = templates.getByRole('button', { name: 'My temperature', exact: true });
    await expect(kept).toBeVisible();
    await kept.focus();
    await page.keyboard.press('Shift+F10');
    await expect(page.getByRole('menu', { name: 'My temperature' }).getByRole('menuitem')).toHaveText([
      'Put into the form',
      'Remove the template',
    ]);
    await page.keyboard.press('Escape');
    await expect(kept).toBeFocused();
    await page.keyboard.press('Escape');
    // Letters where numbers belong hold Start back, and are gone with the form that they were typed for.
    await form.plan.getByRole('textbox', { name: 'Seeds' }).fill('many');
    await expect(form.plan.getByText('“Seeds” holds no legal value')).toBeVisible();
    await form.how.getByRole('button', { name: 'Unlock', exact: true }).click();
    await form.how.getByLabel('Batch', { exact: true }).fill('many');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await expect(form.what.getByRole('checkbox', { name: 'EGRA' })).not.toBeChecked();
    await expect(form.plan.getByRole('textbox', { name: 'Seeds' })).toHaveValue('1, 2, 3');
    await form.plan.getByRole('textbox', { name: 'Seeds' }).fill('1, 12, 23, 34, 45, 56');
    expect(await form.plan.getByRole('textbox', { name: 'Seeds' }).evaluate((of) => of.scrollWidth - of.clientWidth)).toBeLessThan(1);
    await page.getByRole('button', { name: 'Templates' }).click();
    await templates.getByRole('button', { name: 'My temperature', exact: true }).click();
    await expect(form.what.getByRole('checkbox', { name: 'EGRA' })).toBeChecked();
    await expect(form.plan.getByText(/holds no legal value/)).toHaveCount(0);
  });
  await test.step('a wrong value in any field holds back start, command, file and template alike, in a narrow window too', async () => {
    const held = async (words: string) => {
      await expect(form.plan.getByText(words)).toBeVisible();
      await expect(form.start()).toBeDisabled();
      await expect(page.getByRole('button', { name: 'Command and file' })).toBeDisabled();
      await page.getByRole('button', { name: 'Templates' }).click();
      const templates = page.getByRole('dialog', { name: 'Templates of experiments' });
      await expect(templates.getByText(words)).toBeVisible();
      await expect(templates.getByRole('button', { name: /template$/ })).toBeDisabled();
      await page.keyboard.press('Escape');
    };
    await form.how.getByRole('tab', { name: /^EGRA/ }).click();
    await form.how.getByRole('button', { name: 'Vary Temperature τ' }).click();
    await form.how.getByRole('button', { name: 'Add values of Temperature τ' }).click();
    await page.getByRole('textbox', { name: 'Values of tau' }).fill('0.2, warm');
    await page.keyboard.press('Escape');
    await held('“Temperature τ” holds no legal value');
    await page.setViewportSize({ width: 1000, height: 700 });
    await page.getByRole('tab', { name: 'Plan', exact: true }).click();
    await expect(form.plan.getByText('“Temperature τ” holds no legal value')).toBeVisible();
    await page.setViewportSize({ width: 1280, height: 800 });
    await form.how.getByRole('button', { name: /^Stop varying Temperature/ }).click();
    await form.setting('Temperature').fill('warm');
    await held('“EGRA: Temperature τ” holds no legal value');
    await form.setting('Temperature').fill('0.4');
    await expect(form.plan.getByText(/holds no legal value/)).toHaveCount(0);
  });
  await test.step('a reload of the page loses nothing of it', async () => {
    await page.getByRole('textbox', { name: 'Question of the experiment' }).fill('Does it come back?');
    await page.reload();
    await expect(page.getByRole('textbox', { name: 'Question of the experiment' })).toHaveValue('Does it come back?');
    await expect(form.what.getByRole('checkbox', { name: 'EGRA' })).toBeChecked();
    await form.openModel('EGRA');
    await expect(form.setting('Temperature')).toHaveValue('0.4');
  });
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.getByRole('button', { name: 'To the plan' }).click();
  await expect(page.getByRole('tab', { name: 'Plan', exact: true })).toBeFocused();
  await expect(form.start()).toBeVisible();
  await expect(form.what).toBeHidden();
});

test('a failed run leads with what, where, why, what is kept, and the fix', async ({ page, studio, server }) => {
  const form = new NewExperimentPage(page);
  const queue = new QueuePage(page);
  const folder = join(tmpdir(), `${basename(server.home)}-diverging`);
  writeDivergingFolder(folder);
  await avocet(server.home, 'import', folder, '--name', 'Huge');
  rmSync(folder, { recursive: true });
  await studio.goTo('New experiment');
  await page.reload();
  await page.getByRole('button', { name: 'Clear' }).click();
  await form.choose(['VBPR']);
  await form.chooseDataset('Huge');
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
  await expect(queue.finished.getByRole('link', { name: /^VBPR on Huge/ })).toBeVisible();
});
