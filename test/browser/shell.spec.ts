import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, serve, test } from './studio.ts';

const screens = ['Datasets', 'New experiment', 'Queue', 'Runs', 'Compare', 'Recommendations', 'Export', 'Settings'] as const;

test('every screen has its link in the rail, its keys and its title', async ({ studio, page }) => {
  for (const [index, screen] of screens.entries()) {
    await studio.goTo(screen);
    await expect(page).toHaveTitle(`${screen} · Avocet`);
    await page.keyboard.press('Alt+1');
    await expect(page).toHaveTitle('Datasets · Avocet');
    await page.keyboard.press(`Alt+${index + 1}`);
    await expect(page).toHaveTitle(`${screen} · Avocet`);
  }
});

test('Back and Forward lead through the screens by pointer, keys and palette, in step with the browser, and after a reload', async ({
  studio,
  page,
}) => {
  const top = page.getByRole('banner');
  const button = (name: string) => top.getByRole('button', { name, exact: true });
  const heading = (name: string) => expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
  await expect(button('Nothing to go forward to')).toBeDisabled();
  for (const screen of ['Export', 'Settings', 'Datasets'] as const) await studio.goTo(screen);
  await expect(button('Nothing to go forward to')).toBeDisabled();
  await button('Back').click();
  await heading('Settings');
  await page.keyboard.press('Alt+ArrowLeft');
  await heading('Export');
  await page.keyboard.press('Alt+ArrowRight');
  await heading('Settings');

  await page.reload();
  await heading('Settings');
  await button('Forward').click();
  await heading('Datasets');
  await expect(button('Nothing to go forward to')).toBeDisabled();
  await page.goBack();
  await page.goBack();
  await heading('Export');
  await expect(button('Forward')).toBeEnabled();
  const palette = await studio.palette('> forward');
  await palette.getByRole('option', { name: /^Forward/ }).click();
  await heading('Settings');

  // Another way from here: what lay ahead is gone.
  await studio.goTo('Export');
  await expect(button('Nothing to go forward to')).toBeDisabled();
});

test('nothing lies behind the first page; on tabs Alt with arrows goes back, plain arrows walk the tabs', async ({ server, context }) => {
  const page = await context.newPage();
  await page.goto(server.address);
  const behind = page.getByRole('button', { name: 'Nothing to go back to' });
  await expect(behind).toBeDisabled();
  await page.getByRole('link', { name: 'Demo', exact: true }).click();
  const tab = page.getByRole('tab').first();
  await tab.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab').nth(1)).toBeFocused();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  await expect(behind).toBeDisabled();
  await page.close();
});

test('three columns fit every window that shows three', async ({ studio, page }) => {
  for (const width of [1110, 1180, 1280, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await studio.goTo('New experiment');
    await expect(page.getByRole('region', { name: 'Plan' })).toBeVisible();
    const main = page.getByRole('main');
    // Columns scroll by themselves: the page neither sideways nor, for words that only a screen reader has, behind them.
    expect(await main.evaluate((page) => [page.scrollWidth - page.clientWidth, page.scrollHeight - page.clientHeight])).toEqual([0, 0]);
  }
});

test('the palette finds a screen, a dataset and a model by words', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await expect(studio.dataset('Demo')).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search or run a command' });
  await expect(field).toBeFocused();
  await field.fill('egra');
  await expect(page.getByRole('option', { name: /^EGRA/ }).first()).toBeVisible();
  await field.fill('settings');
  await expect(page.getByRole('option').first()).toContainText('Settings');
  await field.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await field.fill('demo');
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();
  // Words that led nowhere stand there again, and the next ones take their place.
  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await page.keyboard.type('demo');
  await expect(field).toHaveValue('demo');
  await page.getByRole('option', { name: /^Demo dataset/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Demo' })).toBeVisible();
});

test('the rail collapses and stays so in this data folder', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('button', { name: 'Expand the rail' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Expand the rail' })).toBeVisible();
  // The words are gone, the names are not.
  await studio.goTo('Settings');
  await page.getByRole('button', { name: 'Expand the rail' }).click();
  await expect(page.getByRole('button', { name: 'Collapse the rail' })).toBeVisible();
});

test('F6 walks the regions and the first Tab offers to skip to the page', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await page.reload();
  await expect(page.getByRole('contentinfo')).toContainText('Data:');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  const region = () => page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset['region']);
  const seen = new Set<unknown>();
  for (let step = 1; step <= 4; step++) {
    await page.keyboard.press('F6');
    await expect.poll(async () => seen.add(await region()).size).toBe(step);
  }
  expect(seen).toEqual(new Set(['top', 'rail', 'page', 'status']));
});

test('the theme is chosen in Settings, holds at once and after a reload', async ({ studio, page }) => {
  await studio.settings('Appearance');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByRole('radiogroup', { name: 'Theme' }).getByRole('radio', { name: 'Dark' }).check({ force: true });
  await expect.poll(ground).toBe('rgb(20, 23, 26)');
  await page.reload();
  await expect.poll(ground).toBe('rgb(20, 23, 26)');
  await page.getByRole('radiogroup', { name: 'Theme' }).getByRole('radio', { name: 'System' }).check({ force: true });
  await expect.poll(ground).toBe('rgb(251, 250, 247)');
});

test('a second tab is the same studio', async ({ studio, page, context, server }) => {
  await studio.goTo('Datasets');
  const second = await context.newPage();
  await second.goto(new URL('/', server.address).href);
  await expect(second.getByRole('contentinfo')).toContainText('Data:');
  await second.close();
  await expect(page.getByRole('contentinfo')).toContainText('Data:');
});

test('a page without the token is told what to do', async ({ browser, server }) => {
  const stranger = await browser.newPage();
  await stranger.goto(new URL('/', server.address).href);
  await expect(stranger.getByText(/token/i).first()).toBeVisible({ timeout: 30_000 });
  await expect(stranger.getByRole('contentinfo')).not.toContainText('Data:');
  await stranger.close();
});

test('a lost studio is said, and a restarted one takes its new token', async ({ browser }) => {
  const home = mkdtempSync(join(tmpdir(), 'avocet-browser-lost-'));
  let server = await serve(home);
  const page = await browser.newPage();
  try {
    await page.goto(server.address);
    await expect(page.getByRole('contentinfo')).toContainText('Data:', { timeout: 60_000 });
    // The page itself comes from the studio too: all of it is there before the studio is not.
    await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
    await server.stop('SIGKILL');
    await expect(page.getByRole('alert')).toContainText('The connection to the studio is lost', { timeout: 60_000 });
    const port = Number(new URL(server.address).port);
    server = await serve(home, port);
    await page.getByLabel('Address or token').fill(server.address);
    await page.getByRole('button', { name: 'Open with this token' }).click();
    await expect(page.getByRole('contentinfo')).toContainText('Data:');
    await expect(page.getByRole('alert')).toHaveCount(0);
  } finally {
    await page.close();
    await server.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
});

test('an address of something that is not there says so, with a way on', async ({ page, studio }) => {
  await studio.goTo('Datasets');
  for (const screen of ['runs', 'datasets', 'compare', 'export']) {
    await page.evaluate((place) => void (location.hash = place), `#/${screen}/not-there`);
    await expect(page.locator('main')).toContainText(/There is no (?:run|dataset|experiment) not-there/);
    await expect(page.locator('main').getByRole('link', { name: /^All (?:runs|datasets|experiments)$/ })).toBeVisible();
  }
  await page.evaluate(() => void (location.hash = '#/not-there'));
  await expect(page.getByRole('heading', { level: 1, name: 'Unknown page' })).toBeVisible();
});

test('the name of a screen stands whole in the top bar', async ({ page, studio }) => {
  for (const name of ['Queue', 'Runs', 'Recommendations'] as const) {
    await studio.goTo(name);
    const crumb = page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('listitem').first();
    await expect(crumb).toHaveText(name);
    expect(await crumb.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
  }
});

test('a dialog keeps what has the focus in sight when what stands above it grows, and leaves what was scrolled away', async ({
  page,
  studio,
}) => {
  await studio.goTo('Datasets');
  await page.getByRole('button', { name: 'Import dataset' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Import dataset' });
  const field = dialog.getByLabel('Folder or file');
  await expect(field).toBeFocused();
  const grow = () =>
    field.evaluate((element) => {
      const box = element.closest('.body')!;
      box.prepend(Object.assign(document.createElement('div'), { className: 'grown' }));
      (box.firstElementChild as HTMLElement).style.cssText = 'flex: none; height: 1200px';
    });
  await grow();
  await expect(field).toBeInViewport({ ratio: 1 });
  await dialog.locator('.body').evaluate((box) => (box.scrollTop = 0));
  await expect(field).not.toBeInViewport();
  await grow();
  await expect(dialog.locator('.grown')).toHaveCount(2);
  await expect(field).not.toBeInViewport();
});
