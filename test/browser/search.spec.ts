import { NewExperimentPage } from './pages/new-experiment.ts';
import { QueuePage } from './pages/queue-page.ts';
import { expect, expectAccessible, keep, ownStudio, test } from './studio.ts';

// A studio of its own: nothing else is queued in it.
test.use(ownStudio());

test('a small random search is put together, says what it comes to, and runs to its end', async ({ page, studio }) => {
  test.setTimeout(600_000);
  const form = new NewExperimentPage(page);
  await studio.goTo('New experiment');
  await expect(form.dataset('Demo')).toBeChecked({ timeout: 60_000 });
  await form.choose(['LightGCN']);
  await form.setSeeds('1');
  await form.setBudget('Epochs, at most', 2);
  await form.plan.getByRole('radio', { name: 'Random' }).check({ force: true });
  await expect(form.plan.getByText('The search varies nothing')).toBeVisible({ timeout: 60_000 });
  await form.openModel('LightGCN');
  await form.how.getByRole('button', { name: 'Vary Regularisation weight λ' }).click();
  await form.how.getByRole('button', { name: 'Add values of Regularisation weight λ' }).click();
  await page.getByRole('checkbox', { name: 'Draw from the whole range between them' }).check();
  await page.keyboard.press('Escape');
  await expect(form.how.getByRole('group', { name: 'Values of Regularisation weight λ' })).toContainText('1e-6 to 0.01, log');
  const trials = form.plan.getByLabel('Trials per model', { exact: true });
  await trials.fill('3');
  await trials.press('Tab');
  await expect.poll(() => form.rows(), { timeout: 60_000 }).toHaveLength(3);
  await form.plan.getByRole('switch', { name: 'End hopeless runs early' }).click();
  await expect(form.plan.getByText('No run is ended: the first comparison would come after the last epoch.').first()).toBeVisible();
  await expect(form.plan.getByText('Equal for all models: 3 trials per model and dataset, drawn at random (seed 0).')).toBeVisible();
  await keep(page, 'search-plan');
  await expectAccessible(page, 'a search');
  await expect(form.start(3)).toHaveText(/Start 3 runs · about/, { timeout: 60_000 });
  await form.start(3).click();
  const queue = new QueuePage(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await queue.waitUntilIdle(300_000);
  const matrix = page.getByRole('region', { name: 'LightGCN on Demo' });
  await expect(matrix).toContainText('3 of 3 trials done');
  await expect(matrix.getByRole('rowheader')).toHaveCount(3);
  await keep(page, 'search-done');
});

test('a budget unlocked for one model is marked in the form, the plan, the queue, the comparison and the table, and kept by a clone', async ({
  page,
  studio,
}) => {
  test.setTimeout(600_000);
  const form = new NewExperimentPage(page);
  await studio.goTo('New experiment');
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await form.choose(['LightGCN', 'BPR']);
  await form.setSeeds('31');
  await form.setBudget('Epochs, at most', 2);
  await form.openModel('BPR');
  await expect(form.how.getByRole('group', { name: 'Budget, equal for all models' })).toBeVisible();
  await expect(form.setting('Epochs, at most \\(epochs')).toHaveCount(0);
  const unlock = form.how.getByRole('button', { name: 'Unlock for BPR' });
  await unlock.focus();
  await page.keyboard.press('Enter');
  await form.setting('Epochs, at most \\(epochs').fill('3');
  const said = 'Not the same epoch limit for all models: 2 (LightGCN), 3 (BPR); the budget is not equal.';
  await expect(form.plan.getByText(said)).toBeVisible();
  await expect(form.how.getByRole('group', { name: 'Budget, not equal for all models' })).toBeVisible();
  await test.step('its fields stand below each other where the column is wide, whatever is said beside one', async () => {
    const size = page.viewportSize()!;
    await page.setViewportSize({ width: 1000, height: size.height });
    await page.getByRole('tab', { name: 'How', exact: true }).click();
    const left = async (label: string) => (await form.setting(label).boundingBox())!.x;
    expect(await left('Epochs, at most \\(epochs')).toBe(await left('Batch \\('));
    await page.setViewportSize(size);
  });
  await test.step('locked again it is equal, and Undo unlocks it as it was', async () => {
    await form.how.getByRole('button', { name: 'Lock again' }).click();
    await expect(form.plan.getByText(/^One budget for all models: at most 2 epochs/)).toBeVisible();
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await expect(form.plan.getByText(said)).toBeVisible();
    await expect(form.setting('Epochs, at most \\(epochs')).toHaveValue('3');
  });
  await expectAccessible(page, 'an unlocked budget');
  await page.getByRole('button', { name: 'Command and file' }).click();
  await expect(page.getByRole('dialog', { name: 'The same in words' })).toContainText('values: { epochs: 3 }');
  await page.keyboard.press('Escape');
  await form.start(2).click();
  const queue = new QueuePage(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  const words = 'Unequal budget: epoch limit 2 (LightGCN), 3 (BPR).';
  await queue.waitUntilIdle(300_000);
  const matrix = page.getByRole('region', { name: 'LightGCN and BPR on Demo' });
  await expect(matrix).toContainText(words);
  await matrix.getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByText('Unequal budget', { exact: true })).toBeVisible();
  await expect(page.getByText('Different epoch limits: 2 (LightGCN), 3 (BPR)').first()).toBeVisible();
  await page.keyboard.press('Control+E');
  await expect(page.getByText(words).first()).toBeVisible();
  await studio.goTo('Queue');
  await queue.finished
    .getByRole('link', { name: /^BPR \(epochs 3\) on Demo, seed 31/ })
    .first()
    .click();
  await page
    .getByRole('link', { name: 'Clone', exact: true })
    .or(page.getByRole('button', { name: 'Clone', exact: true }))
    .first()
    .click();
  await form.openModel('BPR');
  await expect(form.setting('Epochs, at most \\(epochs')).toHaveValue('3');
});

test('a model that is no longer here stands in a kept form with its reason, and is taken off by keys', async ({ page, studio }) => {
  const form = new NewExperimentPage(page);
  await studio.goTo('New experiment');
  await expect(form.dataset('Demo')).toBeVisible({ timeout: 60_000 });
  await page.evaluate(() => {
    const request = { datasets: ['demo'], models: [{ model: 'lightgcn' }, { model: 'my-gone-model' }], seeds: [1] };
    sessionStorage.setItem('avocet.new-experiment', JSON.stringify({ request }));
  });
  await page.reload();
  const gone = form.model('my-gone-model');
  await expect(gone).toBeChecked();
  await expect(gone).toHaveAccessibleDescription('no model of this name is installed');
  await expect(form.start()).toBeDisabled();
  await gone.focus();
  await page.keyboard.press('Space');
  await expect(gone).toHaveCount(0);
  await expect(form.start(1)).toBeEnabled();
});
