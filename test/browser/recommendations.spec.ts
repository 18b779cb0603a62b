import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { avocet, expect, expectAccessible, expectLoaded, inTheme, keep, ownStudio, test } from './studio.ts';

/** Two models over the demo, each a run of its own, so that nothing is selected and test items are shown. */
test.use(
  ownStudio(async (home) => {
    for (const model of ['lightgcn', 'mgcn'])
      await avocet(home, 'run', '--dataset', 'demo', '--model', model, '--seeds', '1', '--epochs', '3');
  }),
);

const option = (page: Page, at: number) =>
  page
    .getByRole('listbox', { name: /^Users/ })
    .getByRole('option')
    .nth(at);
const list = (page: Page, side: string) => page.getByRole('region', { name: new RegExp(`^${side}`) });

/** A list is there when the page says whose it is. */
async function user(page: Page, number: number): Promise<void> {
  await expect(page.getByRole('heading', { name: `User ${number}`, exact: true })).toBeVisible();
  await expect(page.getByText(/^\d+ train items?, \d+ held out/)).toBeVisible();
}

test('from a user’s number to what two models recommend, by keyboard (G6)', async ({ studio, page }) => {
  await studio.goTo('Recommendations');
  await user(page, 0);
  await expect(list(page, 'A: MGCN').getByRole('listitem')).toHaveCount(10);
  await expect(list(page, 'B: LightGCN').getByRole('listitem')).toHaveCount(10);
  // What a rank in brackets means is said where it stands.
  const held = page.getByRole('region', { name: 'Held out' }).getByRole('button').first();
  await expect(held).toHaveAttribute(
    'title',
    /\nThe place of this held-out item in each list\. In brackets: below the top 10, so no hit\.$/,
  );
  // Users and lists scroll by themselves; the page that holds them is as high as its place.
  expect(await page.getByRole('main').evaluate((main) => main.scrollHeight - main.clientHeight)).toBe(0);
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'User or item' })).toBeFocused();
  await page.keyboard.type('clock-000');
  await expect(page.getByRole('list', { name: 'Items found' }).getByRole('button', { name: /Kitchen clock/ })).toBeVisible();
  await expect(option(page, 0)).toHaveText('No user matches.');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('412');
  await expect(option(page, 0)).toContainText('412');
  await page.keyboard.press('Enter');
  await user(page, 412);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('listbox', { name: /^Users, 800/ })).toBeFocused();
  await page.keyboard.press('Home');
  await user(page, 0);
  await page.keyboard.press('ArrowDown');
  await user(page, 1);

  const first = list(page, 'A: MGCN')
    .getByRole('button')
    .filter({ hasText: /users?/ })
    .first();
  const name = (await first.textContent())!.trim();
  await first.focus();
  await page.keyboard.press('Enter');
  const item = page.getByRole('complementary', { name: 'Item' });
  expect(name).toContain(await item.getByRole('heading', { level: 2 }).textContent());
  await expect(item.getByRole('region', { name: 'Receivers' }).getByRole('listitem').first()).toBeVisible();
  for (const source of [
    'Nearest by image',
    'Nearest by text',
    'Nearest in the vectors of A, MGCN',
    'Nearest in the vectors of B, LightGCN',
  ])
    await expect(item.getByRole('region', { name: source }).getByRole('button')).toHaveCount(6);
});

test('a narrow window shows one column at a time, each under a heading of the page', async ({ studio, page }) => {
  await page.setViewportSize({ width: 1000, height: 700 });
  await studio.goTo('Recommendations');
  await user(page, 0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Recommendations');
  await page.getByRole('tab', { name: 'Users' }).click();
  await expect(page.getByRole('listbox', { name: /^Users/ })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Users/);
});

test('biggest wins, a random sample that stays, and train items apart', async ({ studio, page }) => {
  await studio.goTo('Recommendations');
  await user(page, 0);
  await page.getByRole('button', { name: 'Biggest wins of A' }).click();
  await expect(option(page, 0)).toContainText(/hits B minus A −/);
  await page.getByRole('button', { name: 'Biggest wins of B' }).click();
  await expect(option(page, 0)).toContainText(/hits B minus A \+/);
  await page.getByRole('button', { name: 'Random, seed 7', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Remove Random, seed 7' })).toBeVisible();
  await expect(page.getByRole('listbox', { name: /^Users, 800/ })).toBeVisible();
  await page.getByRole('switch', { name: 'Show train items, which lists leave out' }).click();
  await expect(page.getByRole('region', { name: 'Train items, left out' }).getByRole('button').first()).toContainText(/would be|beyond/);
});

test('what is filtered and hidden is of its two runs: it comes back with them, and not with others', async ({ studio, page }) => {
  const screen = page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Recommendations', exact: true });
  const names = page.getByRole('switch', { name: 'Hide model names' });
  await studio.goTo('Recommendations');
  await user(page, 0);
  await page.getByRole('button', { name: 'Random, seed 7', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Remove Random, seed 7' })).toBeVisible();
  await names.click();
  await studio.goTo('Queue');
  await screen.click();
  await expect(names).toBeChecked();
  await expect(page.getByRole('button', { name: 'Remove Random, seed 7' })).toBeVisible();

  const runs = await studio.runs();
  await runs.filter('model = lightgcn', 1);
  await runs.openFirst();
  await page.getByRole('main').getByRole('link', { name: 'Recommendations', exact: true }).click();
  await expect(page.getByRole('heading', { name: /^User \d/ })).toBeVisible();
  await expect(names).not.toBeChecked();
  await expect(page.getByRole('button', { name: 'Remove Random, seed 7' })).toHaveCount(0);
});

test('votes without names are counted, told afterwards, and can be taken back', async ({ studio, page }) => {
  await studio.goTo('Recommendations');
  await user(page, 0);
  await page.getByRole('switch', { name: 'Hide model names' }).click();
  await expect(list(page, 'List 1').getByRole('listitem')).toHaveCount(10);
  await expect(page.getByRole('main').getByText(/LightGCN|MGCN|Recall@|hit\b/)).toHaveCount(0);
  await page.keyboard.press('1');
  await expect(page.getByText('1 vote so far')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'User 1', exact: true })).toBeVisible();
  await page.getByRole('region', { name: 'Blind vote' }).getByRole('button', { name: 'List 2' }).click();
  await expect(page.getByText('2 votes so far')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(page.getByText('1 vote so far')).toBeVisible();
  await page.getByRole('switch', { name: 'Hide model names' }).click();
  await expect(page.getByRole('region', { name: 'Blind votes' })).toContainText(
    /^1 blind vote: A \(MGCN\) [01], B \(LightGCN\) [01], no preference 0\./,
  );
  await expect(page.getByRole('region', { name: 'Blind votes' })).toContainText('sign test p = 1.000');
});

test('the panel is saved as rows and as a figure that needs nothing else', async ({ studio, page }) => {
  await studio.goTo('Recommendations');
  await user(page, 0);
  const saved = async (entry: string) => {
    await page.getByRole('button', { name: 'Export as figure' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: entry }).click()]);
    return readFile(await download.path());
  };
  const rows = (await saved('Rows as CSV')).toString('utf8').trimEnd().split('\r\n');
  expect(rows[0]).toBe(
    'user,run,rank,item,item_id,title,train_users,score,share_interactions,share_image,share_text,held_out,rank_in_other',
  );
  expect(rows).toHaveLength(21);
  const svg = (await saved('Figure as SVG')).toString('utf8');
  // Not as one comparison: a failure would print a hundred kilobytes.
  expect([svg.startsWith('<svg '), svg.includes('<title>User 0 on Demo: ')]).toEqual([true, true]);
  expect(svg.split('href="data:image/png;base64,').length - 1).toBe(20);
  expect(/https?:|blob:/.exec(svg.replaceAll('http://www.w3.org/', ''))).toBeNull();
  const png = await saved('Figure as PNG, 300 dpi');
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  // 300 dpi: 11,811 dots a metre.
  expect([png.subarray(37, 41).toString('latin1'), png.readUInt32BE(41)]).toEqual(['pHYs', 11_811]);
});

for (const theme of ['light', 'dark'] as const) {
  test(`drawn and accessible, ${theme}`, async ({ studio, page }) => {
    await inTheme(page, theme);
    await studio.goTo('Recommendations');
    await user(page, 0);
    await list(page, 'B: LightGCN').getByRole('listitem').nth(1).getByRole('button').click();
    await expect(page.getByRole('region', { name: 'Nearest by text' })).toBeVisible();
    await expectLoaded(page);
    await keep(page, `recommendations-${theme}`);
    await expectAccessible(page, `recommendations, ${theme}`);
    await page.getByRole('switch', { name: 'Hide model names' }).click();
    await expect(page.getByRole('region', { name: 'Blind vote' })).toBeVisible();
    await keep(page, `recommendations-blind-${theme}`);
    await expectAccessible(page, `recommendations with names hidden, ${theme}`);
    await page.setViewportSize({ width: 900, height: 800 });
    await expect(page.getByRole('tab', { name: 'Users' })).toBeVisible();
    await expectAccessible(page, `recommendations in a narrow window, ${theme}`);
  });
}

test('beside how alike lists are stands what has no features and is left out', async ({ studio, page }) => {
  await studio.goTo('Compare');
  await page.getByRole('main').getByRole('link', { name: /MGCN/ }).first().click();
  await page.getByRole('tab', { name: 'Trade-off' }).click();
  await page.getByRole('combobox', { name: /^Against/ }).click();
  await page.getByRole('option', { name: 'ILS@20 (image)' }).click();
  await expect(
    page.getByText(/^Left out of each run: \d[\d.– ]* places of lists whose item has no image features, and \d+ lists/),
  ).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole('button', { name: /^As a table/ }).click();
  await expect(page.getByRole('columnheader', { name: 'Left out' })).toBeVisible();
});
