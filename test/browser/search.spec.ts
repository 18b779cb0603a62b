import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NewExperimentPage } from './pages/new-experiment.ts';
import { QueuePage } from './pages/queue-page.ts';
import { expect, expectAccessible, keep, serve, test as base, type Server } from './studio.ts';

// A studio of its own: nothing else is queued in it.
const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const home = mkdtempSync(join(tmpdir(), 'avocet-search-'));
      const server = await serve(home);
      await use(server);
      await server.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

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
