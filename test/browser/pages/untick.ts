import { expect, type Locator } from '@playwright/test';

/** Takes every tick of a list away, one after the other. */
export async function untick(list: Locator): Promise<void> {
  const ticked = list.getByRole('checkbox', { checked: true });
  for (let left = await ticked.count(); left > 0; left--) {
    await ticked.last().click();
    await expect(ticked).toHaveCount(left - 1);
  }
}
