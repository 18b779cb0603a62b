import { expect, expectAccessible, expectLoaded, inTheme, keep, test } from './studio.ts';

const screens = ['Datasets', 'New experiment', 'Queue', 'Runs', 'Compare', 'Recommendations', 'Export', 'Settings'] as const;
const fileName = (screen: string) => screen.toLowerCase().replace(' ', '-');

for (const theme of ['light', 'dark'] as const) {
  test(`every screen before anything has run: drawn, named and accessible (G25), ${theme}`, async ({ studio, page }) => {
    await inTheme(page, theme);
    for (const screen of screens) {
      await studio.goTo(screen);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
      await expectLoaded(page);
      await keep(page, `empty-${fileName(screen)}-${theme}`);
      await expectAccessible(page, `${screen}, ${theme}`);
    }
  });

  test(`dialogs, drawers and menus are accessible, ${theme}`, async ({ studio, page }) => {
    await inTheme(page, theme);
    await studio.goTo('Datasets');
    await page.getByRole('button', { name: 'Actions for Demo' }).click({ timeout: 60_000 });
    await expect(page.getByRole('menu')).toBeVisible();
    await expectAccessible(page, 'menu of a dataset');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toBeVisible();
    await expectAccessible(page, 'palette');
    await keep(page, `palette-${theme}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Slash');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await expectAccessible(page, 'shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Messages' }).click();
    await expectAccessible(page, 'messages');
    await page.keyboard.press('Escape');
    await studio.dataset('Demo').click();
    for (const tab of ['Overview', 'Distributions', 'Items', 'Features', 'Splits', 'Fingerprints']) {
      await page.getByRole('tab', { name: tab }).click();
      await expect(page.getByRole('tabpanel')).toBeVisible();
      await expectLoaded(page);
      await keep(page, `dataset-${tab.toLowerCase()}-${theme}`);
      await expectAccessible(page, `dataset, ${tab}`);
    }
  });
}

test('nothing is asked of another machine', async ({ page, server }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(server.address);
  await expect(page.getByRole('contentinfo')).toContainText('Data:');
  for (const screen of screens) {
    await page.getByRole('link', { name: screen, exact: true }).first().click();
    await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
    await expectLoaded(page);
  }
  const own = new URL(server.address).origin;
  expect(asked.filter((url) => !url.startsWith(own) && !/^(?:blob|data):/.test(url))).toEqual([]);
});

test('the page obeys its own content policy', async ({ page, server }) => {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
  });
  await page.goto(server.address);
  await expect(page.getByRole('contentinfo')).toContainText('Data:');
  await page.getByRole('link', { name: 'Demo', exact: true }).click({ timeout: 60_000 });
  await expect(page.getByRole('img', { name: /^Items per user/ })).toBeVisible();
  expect(refused).toEqual([]);
});

test('a screen whose program does not arrive is asked for again, by itself and by hand', async ({ studio, page }) => {
  let refused = 0;
  await page.route(/QueuePage-[^/]*\.js$/, (route) => (++refused === 1 ? route.abort() : route.continue()));
  await studio.goTo('Queue');
  await expect(page.getByText(/^\d+ running, \d+ waiting/).first()).toBeVisible();
  expect(refused).toBeGreaterThan(1);
  await page.route(/ExportPage-[^/]*\.js$/, (route) => route.abort());
  await studio.goTo('Export');
  await expect(page.getByRole('alert')).toContainText('A part of the program could not be read');
  await page.unroute(/ExportPage-[^/]*\.js$/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('navigation', { name: 'What to export' })).toBeVisible();
});

for (const [width, height] of [
  [1280, 800],
  [2560, 1440],
  [1000, 700],
] as const) {
  test(`no screen scrolls sideways at ${width} × ${height}`, async ({ studio, page }) => {
    await page.setViewportSize({ width, height });
    for (const screen of screens) {
      await studio.goTo(screen);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
      await expectLoaded(page);
      // Not only while it loads.
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
      await expect(page.getByRole('alert')).toHaveCount(0);
      const overflow = () => page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
      await expect.poll(overflow, { message: `${screen} at ${width}` }).toBeLessThanOrEqual(0);
    }
  });
}
