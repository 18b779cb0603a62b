import type { Locator } from '@playwright/test';

/** More epochs than any machine is through with before a test stops the run; the most a budget takes. */
export const endless = 100_000;

/** The epoch a running card shows, 0 before the first and where there is no such card. Does not wait. */
export async function epochOf(card: Locator): Promise<number> {
  const [text = ''] = await card.allInnerTexts();
  return Number(/Epoch[^\d]*?\n+([\d,]+)\s+of/.exec(text.replace(/, stage \d of \d/, ''))?.[1]?.replaceAll(',', '') ?? 0);
}
