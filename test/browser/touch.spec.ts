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
