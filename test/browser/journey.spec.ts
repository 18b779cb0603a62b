import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { ComparePage } from './pages/compare-page.ts';
import { ExperimentPage } from './pages/experiment-page.ts';
import { ExportPage } from './pages/export-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { RunsPage } from './pages/runs-page.ts';
import { expect, keep, ownStudio, test } from './studio.ts';

// One data folder and one story: each test goes on where the one before ended.
test.describe.configure({ mode: 'serial' });
test.use(ownStudio());
test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

const comparison = {
  name: 'Small comparison',
  question: 'Do pictures and texts help after three epochs?',
  note: 'A look at the machinery, not at the models.',
};
const first = 'LightGCN on Demo, seed 1';

const statusBar = (page: Page) => page.getByRole('contentinfo');
const message = (page: Page, text: string | RegExp) => page.getByRole('status', { name: 'Messages' }).getByText(text);

/** Counts the clicks of a way through the program. */
class Clicks {
  count = 0;

  async on(target: Locator): Promise<void> {
    this.count += 1;
    await target.click();
  }
}

test('from first start to the first running experiment in at most four clicks', async ({ page, server }) => {
  const clicks = new Clicks();
  await page.goto(server.address);
  await expect(page.getByRole('link', { name: 'Demo', exact: true })).toBeVisible({ timeout: 60_000 });
  await clicks.on(page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'New experiment', exact: true }));
  const start = new ExperimentPage(page).start();
  // The first plan waits until the machine's speed is measured.
  await expect(start).toHaveText(/^\s*Start 9 runs · about \d+ (?:s|min|h)/, { timeout: 60_000 });
  await clicks.on(start);
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  const queue = new QueuePage(page);
  // On a fast machine it may have ended before anyone looks.
  const running = queue.card(first).filter({ hasText: /Epoch\s*[1-9]\d* of ≤ 1,000/ });
  const ended = queue.finished.getByRole('link', { name: new RegExp(`^${first}: validation`) });
  await expect(running.or(ended).first()).toBeVisible({ timeout: 120_000 });
  expect(clicks.count).toBeLessThanOrEqual(4);

  // The comparison of nine full runs is not waited for: what runs is stopped, the rest stays on hold.
  await page.getByRole('button', { name: 'Hold the queue' }).click();
  await expect(statusBar(page)).toContainText('held');
  await queue.stopAll();
  await expect(statusBar(page)).toContainText(/Queue: 0 running · [1-8] waiting · held/);
  await page.getByRole('radio', { name: '1', exact: true }).check({ force: true });
  await keep(page, 'journey-queue-held');
});

test('waiting runs change places, go to the trash, come back by undo, and go again', async ({ studio, page }) => {
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  // How many of the nine are left depends on the machine; this one is neither the first of them nor too far down to be shown.
  await queue.waiting.getByRole('button', { name: 'Run next: EGRA on Demo, seed 1' }).click();
  await expect(queue.waiting.getByRole('listitem').first()).toContainText(/EGRA.*seed 1/);
  await page.keyboard.press('Alt+ArrowDown');
  await expect(queue.waiting.getByRole('listitem').nth(1)).toContainText(/EGRA.*seed 1/);
  await expect(statusBar(page)).toContainText(/0 running · [2-8] waiting · held/);
  const waiting = Number(/(\d+) waiting/.exec(await statusBar(page).innerText())?.[1]);

  const runs = new RunsPage(page);
  const trashAll = async () => {
    await expect(runs.rows()).toHaveCount(waiting);
    await runs.selectAll();
    await expect(runs.selected).toContainText(`${waiting} runs`);
    await runs.selected.getByRole('button', { name: 'Move to trash' }).click();
    await expect(page.getByText('No run matches this filter.')).toBeVisible();
  };
  await studio.goTo('Runs');
  await runs.filter('status = queued');
  await page.getByRole('switch', { name: 'Collapse seeds' }).click();
  await trashAll();
  // At once: the message with its button leaves after a while.
  await page.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click();
  await expect(runs.rows()).toHaveCount(waiting);
  await expect(statusBar(page)).toContainText(`${waiting} waiting`);
  await trashAll();
  await expect(statusBar(page)).toContainText('Queue: empty');
});

test('a run is watched live, paused, resumed and stopped with its best epoch kept', async ({ studio, page }) => {
  const queue = new QueuePage(page);
  await studio.goTo('Queue');
  await page.getByRole('button', { name: 'Release the queue' }).click();
  await expect(page.getByRole('button', { name: 'Hold the queue' })).toBeVisible();
  await studio.startExperiment({ dataset: 'Demo', model: 'LightGCN', epochs: 'endless' });
  const card = queue.card(first);

  await test.step('curves, epoch, best epoch, patience, time left', async () => {
    await expect(card).toContainText(/Epoch\s*[1-9][\d,]* of ≤ 100,000/, { timeout: 120_000 });
    await expect(card.getByRole('img', { name: /^Training loss over [\d,]+ epochs/ }).locator('canvas')).toBeVisible();
    await expect(
      card.getByRole('img', { name: /^Validation Recall@20 over [\d,]+ epochs, best 0\.\d{4} at epoch \d+/ }).locator('canvas'),
    ).toBeVisible();
    await expect(card).toContainText(/Best epoch\s*\d+ 0\.\d{4}/);
    await expect(card).toContainText('Patience: from epoch 100000');
    await expect(card).toContainText(/Time left\s*about \d+ (?:s|min|h)/);
  });

  await test.step('the console tells epochs', async () => {
    await card.getByRole('button', { name: `Console of ${first}` }).click();
    const panel = page.getByRole('complementary', { name: 'Console' });
    await expect(panel.getByRole('log')).toContainText(/epoch \d+/i);
    await keep(page, 'journey-queue-live');
    await panel.getByRole('button', { name: 'Close panel' }).click();
  });

  await test.step('paused, it stands still; resumed, it goes on', async () => {
    await card.getByRole('button', { name: 'Pause', exact: true }).click();
    const resume = card.getByRole('button', { name: 'Resume' });
    await expect(resume).toBeVisible({ timeout: 60_000 });
    await expect(card).toContainText(/Time left\s*paused/);
    const before = await studio.epoch();
    await resume.click();
    await expect(card.getByRole('button', { name: 'Pause', exact: true })).toBeVisible({ timeout: 60_000 });
    await studio.waitForEpochAfter(before);
  });

  await test.step('stopped, it keeps its best epoch and says who stopped it', async () => {
    await card.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(card).toBeHidden({ timeout: 60_000 });
    await queue.finished
      .getByRole('link', { name: new RegExp(`^${first}: stopped, validation`) })
      .first()
      .click();
    await expect(page.getByRole('heading', { level: 1, name: 'LightGCN' })).toBeVisible();
    await expect(page.getByText(/stopped by you/i).first()).toBeVisible();
  });
});

test('a comparison with a budget of its own runs to its end', async ({ studio, page }) => {
  test.setTimeout(600_000);
  const experiment = new ExperimentPage(page);
  await studio.goTo('New experiment');
  await experiment.choose(['Demo'], ['LightGCN', 'MGCN', 'EGRA']);
  await experiment.describe(comparison);
  await experiment.seeds('1, 2');
  await experiment.budget('Epochs, at most', 3);
  await expect(experiment.start()).toHaveText(/Start 6 runs/);
  await keep(page, 'journey-new-experiment');
  await experiment.start().click();
  const queue = new QueuePage(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await queue.waitUntilIdle(300_000);
  const matrix = page.getByRole('region', { name: comparison.name });
  await expect(matrix).toContainText('6 of 6 done');
  await keep(page, 'journey-queue-done');
});

test('runs are filtered, sorted, opened by seed, starred, tagged and noted, their test values masked', async ({ studio, page }) => {
  const runs = await studio.runs();
  // One that was stopped may have got as far.
  await runs.filter('epochs = 3 and status = finished', 3);
  await expect(runs.rows().first()).toContainText('2');

  await test.step('sorted both ways', async () => {
    await runs.sortBy('Configuration');
    await expect.poll(() => runs.models()).toEqual(['EGRA', 'LightGCN', 'MGCN']);
    await runs.sortBy('Configuration');
    await expect.poll(() => runs.models()).toEqual(['MGCN', 'LightGCN', 'EGRA']);
  });

  await test.step('seeds under their configuration', async () => {
    await runs.grid.getByRole('button', { name: /^Seeds of MGCN/ }).click();
    await expect(runs.rows()).toHaveCount(5);
    await expect(runs.grid.getByRole('link', { name: 'seed 2' })).toBeVisible();
    await runs.grid.getByRole('button', { name: /^Seeds of MGCN/ }).click();
    await expect(runs.rows()).toHaveCount(3);
    await page.getByRole('switch', { name: 'Collapse seeds' }).click();
    await expect(runs.rows()).toHaveCount(6);
    await page.getByRole('switch', { name: 'Collapse seeds' }).click();
    await expect(runs.rows()).toHaveCount(3);
  });

  await test.step('validation shown, test masked', async () => {
    const values = runs
      .rows()
      .first()
      .getByRole('gridcell')
      .filter({ hasText: /0\.\d{4}/ });
    await expect.poll(() => values.count()).toBeGreaterThanOrEqual(2);
    await expect(
      runs
        .rows()
        .first()
        .getByRole('gridcell', { name: /^Test values are hidden/ }),
    ).toHaveCount(2);
    await keep(page, 'journey-runs');
  });

  await test.step('starred and tagged in one go', async () => {
    await runs.select(/^Select EGRA/);
    await runs.selected.getByRole('button', { name: 'Star' }).click();
    await expect(message(page, '2 runs starred')).toBeVisible();
    await runs.selected.getByRole('button', { name: 'Tag' }).click();
    await page.getByRole('textbox', { name: 'Tag' }).fill('table 2');
    await page.keyboard.press('Enter');
    await expect(message(page, '2 runs tagged table 2')).toBeVisible();
    await expect(runs.rows().filter({ hasText: 'EGRA' })).toContainText('table 2');
    await runs.filter('tag = "table 2"', 1);
  });

  await test.step('a note stays with the run', async () => {
    await runs.openFirst();
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByRole('textbox', { name: 'Note', exact: true }).fill('Looks right.');
    await page.keyboard.press('Tab');
    await expect(message(page, 'Note saved')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('textbox', { name: 'Note', exact: true })).toHaveValue('Looks right.');
  });
});

test('a finished run explains itself and hands out its files', async ({ studio, page }) => {
  const runs = await studio.runs();
  await runs.filter('model = egra and epochs = 3 and status = finished', 1);
  await runs.openFirst();
  await expect(page.getByText(/limit of 3 epochs/)).toBeVisible();
  for (const [tab, text] of [
    ['Metrics', 'Recall'],
    ['Config', 'ii_source'],
    ['System', 'pretrain'],
    ['Console', 'epoch'],
    ['Provenance', 'Node'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tabpanel', { name: tab })).toContainText(new RegExp(text, 'i'));
  }
  await page.getByRole('tab', { name: 'Files' }).click();
  await keep(page, 'journey-run-files');
  const download = page.waitForEvent('download');
  await page.getByRole('tabpanel', { name: 'Files' }).getByRole('button', { name: /npy/ }).first().click();
  expect((await download).suggestedFilename()).toMatch(/\.npy$/);
});

test('the comparison has its table, curves and differences; freezing the selection shows the test', async ({ studio, page }) => {
  const compare = new ComparePage(page);
  await studio.goTo('Compare');
  await compare.open(comparison.name);
  await expect(page.getByText(comparison.question)).toBeVisible();
  for (const model of ['LightGCN', 'MGCN', 'EGRA']) await expect(compare.row(model)).toContainText(/0\.\d{4} ± 0\.\d{4}/);
  await expect(page.getByRole('radio', { name: 'Test' })).toBeDisabled();

  await compare.tab('Curves');
  await expect(page.getByRole('img', { name: /Recall@20/ }).locator('canvas')).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'Read-out' }).getByRole('row')).toHaveCount(4);
  await keep(page, 'journey-compare-curves');
  const configs = (await compare.tab('Config diff')).getByRole('region', { name: 'Settings side by side' });
  await expect(configs).toContainText(/Recall@20\s*0\.\d{4} ± 0\.\d{4}[^]*model/);
  // By keyboard: the family is chosen with an arrow, a comparison with Enter.
  const statistics = await compare.tab('Statistics');
  const against = statistics.getByRole('region', { name: 'Adjusted p against LightGCN' });
  await expect(against.getByRole('button', { name: /^MGCN, Demo, NDCG@20: adjusted p/ })).toBeVisible({ timeout: 60_000 });
  await against.getByRole('button', { name: /^MGCN, Demo, NDCG@20/ }).press('Enter');
  await expect(statistics.getByRole('complementary', { name: 'The chosen comparison' })).toContainText('MGCN against LightGCN');
  await expect(statistics).toContainText(/Validation\. \* better, † worse than LightGCN: Wilcoxon .* Holm over 4 comparisons/);
  await keep(page, 'journey-compare-statistics');
  await statistics.getByRole('radio', { name: 'Against a baseline' }).press('ArrowRight');
  await statistics.getByRole('button', { name: /^LightGCN against MGCN: adjusted p/ }).press('Enter', { timeout: 60_000 });
  await expect(statistics).toContainText(/Holm over 6 comparisons[^]*LightGCN against MGCN/);

  await compare.tab('Table');
  await compare.freeze();
  await expect(page.getByRole('radio', { name: 'Test' })).toBeEnabled();
  await page.getByRole('radio', { name: 'Test' }).check({ force: true });
  await expect(compare.row('EGRA')).toContainText(/0\.\d{4}/);
  await page.getByRole('radio', { name: 'Validation' }).check({ force: true });
  await keep(page, 'journey-compare-frozen');
  const runs = await studio.runs();
  await runs.filter('model = egra and epochs = 3 and status = finished', 1);
  await expect(
    runs
      .rows()
      .first()
      .getByRole('gridcell', { name: /^Test values are hidden/ }),
  ).toHaveCount(0);
});

test('the table is on the clipboard within four clicks of the finished comparison', async ({ studio, page }) => {
  await studio.goTo('Compare');
  await new ComparePage(page).open(comparison.name);
  const clicks = new Clicks();
  const exports = new ExportPage(page);
  await clicks.on(page.getByRole('button', { name: 'Export table' }));
  await expect(exports.preview).toContainText('EGRA');
  clicks.count += 1;
  const latex = await exports.copy();
  expect(clicks.count).toBeLessThanOrEqual(4);
  expect(latex).toContain('\\toprule');
  expect(latex).toMatch(/\\textbf\{0\.\d{4}\}/);
  expect(latex).toMatch(/\\underline\{0\.\d{4}\}/);
  await keep(page, 'journey-export-latex');

  await test.step('Markdown, CSV and a whole LaTeX file', async () => {
    await exports.format('Markdown');
    await expect(exports.source).toContainText('| :---');
    await exports.format('CSV, full precision');
    await expect(exports.source).toContainText(/0\.\d{10,}/);
    await exports.format('LaTeX, booktabs');
    await page.getByRole('radio', { name: 'File' }).check({ force: true });
    await expect(exports.source).toContainText('\\documentclass');
  });

  await test.step('fragment and file compile with pdflatex as it is', async () => {
    test.skip(!existsSync('/usr/bin/pdflatex'), 'pdflatex is not installed');
    const file = await exports.copy();
    const folder = mkdtempSync(join(tmpdir(), 'avocet-latex-'));
    const preamble = '\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n';
    writeFileSync(join(folder, 'fragment.tex'), `${preamble}${latex}\n\\end{document}\n`);
    writeFileSync(join(folder, 'file.tex'), file);
    for (const name of ['fragment', 'file'])
      execFileSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', `${name}.tex`], { cwd: folder, timeout: 60_000 });
    rmSync(folder, { recursive: true });
  });
});

test('runs selected in the table are LaTeX on the clipboard within four clicks', async ({ studio, page }) => {
  await studio.goTo('Runs');
  const [runs, exports, clicks] = [new RunsPage(page), new ExportPage(page), new Clicks()];
  await runs.filter('model = egra or model = mgcn');
  await runs.rows().first().getByRole('checkbox').check();
  await clicks.on(runs.selected.getByRole('button', { name: 'Export', exact: true }));
  await expect(exports.preview).toBeVisible({ timeout: 60_000 });
  expect(await exports.copy()).toContain('\\toprule');
  expect(clicks.count + 1).toBeLessThanOrEqual(4);
});

test('what goes with a paper is saved: a workbook, a bundle that is checked, and the curves with their font inside', async ({
  studio,
  page,
}) => {
  await studio.goTo('Compare');
  const compare = new ComparePage(page);
  await compare.open(comparison.name);
  await page.getByRole('button', { name: 'Export table' }).click();
  const exports = new ExportPage(page);
  await exports.format('Excel workbook');
  await expect(exports.source).toHaveCount(0);
  const workbook = await saved(page, page.getByRole('button', { name: 'Save as…' }));
  expect(workbook.subarray(0, 2).toString()).toBe('PK');

  await page.getByRole('button', { name: 'Bundle…' }).click();
  const bundle = page.getByRole('dialog', { name: 'Reproducibility bundle' });
  await bundle.getByRole('button', { name: 'Save bundle' }).click();
  await expect(bundle.getByRole('region', { name: 'Save' }).getByRole('status')).toContainText(/files of \d+ runs/, { timeout: 120_000 });
  await bundle.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(bundle.getByText(/^Everything agrees/)).toBeVisible({ timeout: 120_000 });
  await page.keyboard.press('Escape');

  await studio.goTo('Compare');
  await compare.open(comparison.name);
  await compare.tab('Curves');
  await page.getByRole('button', { name: 'Save figure…' }).click();
  const figure = page.getByRole('dialog', { name: 'Save figure' });
  await expect(figure.getByRole('img', { name: /Recall@20 over epochs/ })).toBeVisible();
  const pdf = await saved(page, figure.getByRole('button', { name: 'Save as…' }));
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.toString('latin1')).toContain('/FontFile2');
  expect(pdf.toString('latin1')).not.toContain('/Helvetica');
  expect(pdf.length).toBeLessThan(300_000);
  await figure.getByText('SVG', { exact: true }).click();
  const svg = (await saved(page, figure.getByRole('button', { name: 'Save as…' }))).toString('utf8');
  expect(svg).toContain('@font-face');
  for (const model of ['LightGCN', 'MGCN', 'EGRA']) expect(svg).toContain(model);
  expect((await saved(page, figure.getByRole('button', { name: 'Data as CSV' }))).toString('utf8')).toMatch(/^line,epoch,/);
  await page.keyboard.press('Escape');
  await test.step('a chart that is a component of the page is a figure as well', async () => {
    await compare.tab('Trade-off');
    await page.getByRole('button', { name: 'Save figure…' }).click();
    await expect(figure.getByRole('img', { name: /against Training time/ })).toBeVisible();
    const plot = await saved(page, figure.getByRole('button', { name: 'Save as…' }));
    expect(plot.toString('latin1')).toMatch(/^(?![^]*\/Times)[^]*\/FontFile2/);
    await figure.getByText('SVG', { exact: true }).click();
    const drawn = (await saved(page, figure.getByRole('button', { name: 'Save as…' }))).toString('utf8');
    expect(drawn).toMatch(/^(?![^]*(class=|var\(--))[^]*EGRA/);
  });
});

/** The bytes of what a click downloads. */
async function saved(page: Page, button: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return readFileSync(await download.path());
}
