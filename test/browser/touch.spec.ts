import { expect, test } from './studio.ts';

test.use({ hasTouch: true });

test('a tap shows what a pointer at rest would, and what acts still acts', async ({ studio, page }) => {
  await studio.goTo('Datasets');
  await page.getByRole('link', { name: 'Demo', exact: true }).tap();
  await expect(page.getByRole('heading', { name: 'Demo', level: 1 })).toBeVisible();
  const hint = page.getByText('A user and an item together in more than one part');
  await page.getByText('Pairs in two parts').tap();
  await expect(hint).toBeVisible();
  await page.getByRole('tab', { name: /^Splits/ }).tap();
  await expect(hint).toBeHidden();
  await expect(page).toHaveURL(/tab=splits/);
});

test('what is chosen is seen where the system chooses the colours', async ({ studio, page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await studio.goTo('Datasets');
  await page.getByRole('link', { name: 'Demo', exact: true }).tap();
  const ground = (name: RegExp) => page.getByRole('tab', { name }).evaluate((tab) => getComputedStyle(tab).backgroundColor);
  await expect(page.getByRole('tab', { name: /^Overview/ })).toHaveAttribute('aria-selected', 'true');
  expect(await ground(/^Overview/)).not.toBe(await ground(/^Items/));
});
