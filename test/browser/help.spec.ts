import { expect, inTheme, test } from './studio.ts';

test('F1 explains the screen, the palette finds a definition, and a menu opens by keys with the focus back where it was', async ({
  studio,
  page,
}) => {
  await inTheme(page, 'dark');
  await studio.goTo('Runs');
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  await page.keyboard.press('F1');
  const drawer = page.getByRole('complementary', { name: 'Help' });
  await expect(drawer.getByRole('heading', { level: 2, name: 'Runs' })).toBeVisible({ timeout: 60_000 });
  await drawer.getByRole('link', { name: 'query language' }).click();
  await expect(drawer.getByRole('heading', { level: 2, name: 'Query language' })).toBeVisible();
  await drawer.getByRole('button', { name: 'Back' }).click();
  await expect(drawer.getByRole('heading', { level: 2, name: 'Runs' })).toBeVisible();
  // It goes with the screen, until a page is kept; beside it a page of three columns has room for one.
  await studio.goTo('Export');
  await expect(drawer.getByRole('heading', { level: 2, name: 'Export' })).toBeVisible();
  await drawer.getByRole('button', { name: 'Keep this page when the screen changes' }).click();
  await studio.goTo('New experiment');
  await expect(page.getByRole('tablist', { name: 'Parts of the experiment' })).toBeVisible();
  await expect(drawer.getByRole('heading', { level: 2, name: 'Export' })).toBeVisible();
  await drawer.getByRole('button', { name: 'Keep this page when the screen changes' }).click();
  await expect(drawer.getByRole('heading', { level: 2, name: 'New experiment' })).toBeVisible();
  await page.keyboard.press('F1');
  await expect(drawer).toHaveCount(0);

  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search or run a command' });
  await field.fill('critical difference');
  const found = page.getByRole('group', { name: /^Help/ }).getByRole('option').first();
  await expect(found).toContainText('Critical difference', { timeout: 60_000 });
  await found.click();
  await expect(drawer.getByRole('heading', { level: 2, name: 'Statistics' })).toBeVisible();
  await expect(drawer.getByText('Nemenyi: average ranks further apart than this are told apart at α.')).toBeInViewport();
  await drawer.getByRole('button', { name: 'Close help' }).click();

  await studio.goTo('Datasets');
  const demo = studio.dataset('Demo');
  await expect(demo).toBeVisible({ timeout: 60_000 });
  await demo.focus();
  await page.keyboard.press('Shift+F10');
  const menu = page.getByRole('menu', { name: 'Demo' });
  await expect(menu.getByRole('menuitem', { name: 'Rename' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(demo).toBeFocused();
});

test('an empty folder offers the first steps, which can be left and asked for again', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  const steps = page.getByRole('region', { name: 'First steps' });
  await expect(steps.getByRole('button', { name: /^Run the demo · 9 runs/ })).toBeEnabled({ timeout: 60_000 });
  // What stands over a page takes nothing from it: the plan's button stays above the status bar.
  await studio.goTo('New experiment');
  await expect(page.getByRole('button', { name: /^Start 9 runs/ })).toBeInViewport({ ratio: 1, timeout: 60_000 });
  // One button leads on every screen: the page's own, or that of the steps.
  const leading = () =>
    page.evaluate(() => {
      const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim();
      const of = Object.assign(document.body.appendChild(document.createElement('i')), { style: `background: ${accent}` });
      const colour = getComputedStyle(of).backgroundColor;
      of.remove();
      const buttons = [...document.querySelectorAll<HTMLElement>('button, a')].filter((button) => button.checkVisibility());
      return buttons.filter((button) => getComputedStyle(button).backgroundColor === colour).map((button) => button.innerText.trim());
    });
  await expect.poll(leading).toEqual([expect.stringMatching(/^Start 9 runs/)]);
  for (const screen of ['Datasets', 'Queue', 'Runs', 'Compare', 'Recommendations', 'Export'] as const) {
    await studio.goTo(screen);
    await expect.poll(leading, screen).toEqual([expect.stringMatching(/^Run the demo/)]);
  }
  // On Export no table is done yet: nothing has run.
  await expect(steps.getByRole('listitem').filter({ hasText: 'Table for the paper' })).toHaveText(/paper$/);
  await steps.getByRole('button', { name: 'Skip' }).click();
  await expect(steps).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('contentinfo')).toContainText('Data:');
  await expect(steps).toHaveCount(0);
  const palette = await studio.palette('> first steps');
  await palette.getByRole('option', { name: 'First steps' }).click();
  await expect(steps).toBeVisible();
  // Begun, they are there on every screen of whatever window is opened next, while the demo trains and after.
  await steps.getByRole('button', { name: /^Run the demo · 9 runs/ }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible({ timeout: 60_000 });
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Queue' })).toBeVisible();
  await expect(steps.locator('[aria-current="step"]')).toContainText('Run the demo', { timeout: 60_000 });
  await expect(steps.getByRole('button', { name: /^Run the demo/ })).toHaveCount(0);
});

test('words of a record and of a form explain themselves to pointer and keys', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await studio.dataset('Demo').click({ timeout: 60_000 });
  const word = (name: string) => page.getByRole('note').filter({ hasText: name }).first();
  await word('Coverage').hover();
  const about = page.getByText('Items with features of their own.');
  await expect(about).toBeVisible();
  await page.mouse.move(0, 0);
  await expect(about).toHaveCount(0);
  await word('Duplicates').focus();
  await page.keyboard.press('Shift+Tab');
  await expect(word('Filled by')).toBeFocused();
  await expect(page.getByText('What stands in the place of a missing row; chosen at import.')).toBeVisible();
});
