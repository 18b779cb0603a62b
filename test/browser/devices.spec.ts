import { join } from 'node:path';
import { QueuePage } from './pages/queue-page.ts';
import { expect, expectAccessible, filledBy, inTheme, keep, root, test } from './studio.ts';

const patience = { timeout: 120_000 };

// No graphics processor is needed: their driver's tool is drawn, and no run is let onto them.
test.use({
  env: { AVOCET_NVIDIA_SMI: join(root, 'test/fixtures/nvidia-smi.mjs'), CUDA_VISIBLE_DEVICES: '0,1' },
  ...filledBy('fill-devices.ts'),
});

test('runs wait for memory and for their device and say why; a pin is changed by keys and taken back; room lets the next one start', async ({
  studio,
  page,
}) => {
  await studio.goTo('Queue');
  const queue = new QueuePage(page);
  await expect(queue.card('LightGCN on Demo, seed 1')).toBeVisible(patience);
  const row = (seed: number) => queue.waiting.getByRole('listitem').filter({ hasText: `seed ${seed}` });
  await expect(row(2)).toContainText(
    /Waits for memory of Processor: needs about \d+ MB, [\d.]+ .?B of 250 MB are left beside the runs at work\./,
    patience,
  );
  await expect(row(3)).toContainText('Pinned to GPU 1.');
  await expect(row(3)).toContainText('GPU 1 takes no runs: it has 0 slots.', patience);
  const devices = page.getByRole('region', { name: 'Devices' });
  await expect(devices.getByRole('listitem')).toHaveCount(3);
  await expect(devices.getByText('NVIDIA H100, MIG 1g.10gb')).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await inTheme(page, theme);
    await expectAccessible(page, `Queue with devices, ${theme}`);
    await keep(page, `queue-devices-${theme}`);
  }
  await inTheme(page, 'light');

  await row(3)
    .getByRole('button', { name: /^LightGCN on Demo, seed 3, place 2/ })
    .focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Pin to GPU 0' }).focus();
  await page.keyboard.press('Enter');
  await expect(row(3)).toContainText('Pinned to GPU 0.', patience);
  await expect(row(3)).toContainText('GPU 0 takes no runs: it has 0 slots.', patience);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(row(3)).toContainText('Pinned to GPU 1.', patience);

  await devices.getByLabel('Memory of Processor, GB (0: all)').fill('0');
  await expect(queue.card('LightGCN on Demo, seed 2')).toBeVisible(patience);
  const card = queue.card('LightGCN on Demo, seed 1');
  await expect(card).toBeVisible();
  // Beside another card there is little room for hours.
  const [outer, time] = [await card.boundingBox(), await card.getByText(/^about /).boundingBox(patience)];
  expect(time!.x + time!.width).toBeLessThanOrEqual(outer!.x + outer!.width);
  await expect(row(3)).toContainText('Pinned to GPU 1.');
});
