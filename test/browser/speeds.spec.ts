import { expect, expectAccessible, expectLoaded, inTheme, keep, test } from './studio.ts';

test('devices are measured on request, the fastest is offered to new experiments, and a choice wins', async ({ studio, page }) => {
  await studio.settings('Compute');
  await expectLoaded(page);
  const compute = page.getByRole('region', { name: 'Compute' });
  // "again" where the plan of an earlier test had one device measured for its estimate.
  await compute.getByRole('button', { name: /^Measure( again)?$/ }).click();
  await expect(compute.getByRole('progressbar', { name: 'Measuring one device after the other' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('contentinfo')).toContainText('Measuring devices');

  // What was found before it was stopped stays.
  const table = compute.getByRole('table', { name: 'How fast they are here' });
  const wasm = table.getByRole('row', { name: /^wasm.*LightGCN/ });
  await expect(wasm.first()).toBeVisible({ timeout: 60_000 });
  await compute.getByRole('button', { name: 'Stop measuring' }).click();
  await expect(compute.getByRole('button', { name: 'Measure again' })).toBeVisible();
  await expect(page.getByRole('contentinfo')).not.toContainText('Measuring devices');

  await compute.getByRole('button', { name: 'Measure again' }).click();
  await expect(compute.getByRole('button', { name: 'Measure again' })).toBeVisible({ timeout: 150_000 });
  // The button may still be seen from before the click: the last device says that all are measured.
  await expect(table.getByRole('row', { name: /^cpu.*MGCN/ })).toBeVisible({ timeout: 150_000 });
  // Every row says its figures or why there are none, every figure what it means.
  await expect(table.getByText('not measured yet')).toHaveCount(0);
  const step = wasm.first().getByRole('group', { name: /ms\. Median time of one LightGCN training step/ });
  await expect(step).toHaveText(/^[\d.]+ ms$/);
  await step.hover();
  await expect(page.getByText(/^Median time of one LightGCN training step with three layers: loss, gradients and Adam/)).toBeVisible();
  await page.keyboard.press('Escape');
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await expectAccessible(page, `Settings with speeds, ${theme}`);
    await keep(page, `settings-speeds-${theme}`);
  }
  await inTheme(page, 'light');

  const device = compute.getByRole('combobox', { name: /^Device for new runs: / });
  await expect(device).toHaveAccessibleName(/Fastest here/);
  const reason = /[\d.]+ ms for both steps/;
  await expect(compute.getByText(reason)).toBeVisible();
  await studio.goTo('New experiment');
  await expect(page.getByRole('link', { name: reason })).toBeVisible();

  await studio.settings('Compute');
  await device.click();
  await page.getByRole('option', { name: /^cpu/ }).click();
  await expect(compute.getByText(/^Chosen in Settings: /)).toBeVisible();
  await expect(page.getByRole('contentinfo')).toContainText('cpu');
  await studio.goTo('New experiment');
  await expect(page.getByRole('combobox', { name: 'Device: Reference (cpu, slow)' })).toBeVisible();
});
