import type { Locator, Page } from '@playwright/test';
import type { UpdateAction, UpdateState } from '#contract/updates.ts';
import type { StudioPage } from './pages/studio-page.ts';
import { expect, test } from './studio.ts';

/** The desktop shell as far as the page sees it: what it was asked, and what it says of an update. */
interface Drawn {
  readonly asked: UpdateAction[];
  say(state: UpdateState): void;
}
declare global {
  interface Window {
    drawn: Drawn;
  }
}

const idle: UpdateState = { version: '0.1.0', way: 'studio', place: 'updates.example.org', phase: 'idle' };
const offer = { version: '0.2.0', notes: '<img src=x onerror="window.hurt = true">\n- Starts faster' };

/** Puts a drawn shell beside a page that is linked by its socket already. */
async function draw(page: Page, state: UpdateState): Promise<void> {
  await page.evaluate((first) => {
    let [now, listeners] = [first, [] as ((state: UpdateState) => void)[]];
    const drawn: Drawn = {
      asked: [],
      say: (state) => {
        now = state;
        for (const listener of listeners) listener(state);
      },
    };
    const avocet = {
      update: async (action: UpdateAction) => (drawn.asked.push(action), now),
      onUpdate: (listener: (state: UpdateState) => void) => {
        listeners.push(listener);
        return () => (listeners = listeners.filter((other) => other !== listener));
      },
      screenCommands: async () => undefined,
    };
    Object.assign(window, { drawn, avocet });
  }, state);
}

const say = (page: Page, state: UpdateState) => page.evaluate((next) => window.drawn.say(next), state);
const asked = (page: Page) => page.evaluate(() => window.drawn.asked.filter((action) => action !== 'look'));

async function fromPalette(studio: StudioPage): Promise<Locator> {
  const palette = await studio.palette('check for updates');
  await palette.getByRole('option', { name: 'Check for updates…' }).click();
  return studio.page.getByRole('region', { name: 'Updates', exact: true });
}

test('a newer version is looked for, read about, fetched, cancelled and installed, a click each', async ({ studio, page }) => {
  await studio.goTo('Runs');
  await draw(page, idle);
  const section = await fromPalette(studio);
  await expect(section.getByText('0.1.0', { exact: true })).toBeVisible();
  await expect(section.getByText('updates.example.org is asked when you press the button, and never otherwise.')).toBeVisible();
  const check = section.getByRole('button', { name: 'Check for updates' });
  // The palette leads to the button and presses nothing.
  await expect(check).toBeFocused();
  expect(await asked(page)).toEqual([]);
  await page.keyboard.press('Enter');
  expect(await asked(page)).toEqual(['check']);
  const status = section.getByRole('status');
  await say(page, { ...idle, phase: 'checking' });
  await expect(check).toHaveAttribute('aria-busy', 'true');
  await expect(status).toHaveText('Asking updates.example.org for its list of versions');
  await say(page, { ...idle, phase: 'newest' });
  await expect(status).toHaveText('Avocet 0.1.0 is the newest version.');

  await say(page, { ...idle, phase: 'found', offer });
  await expect(status).toHaveText('Avocet 0.2.0 is there.');
  const notes = section.getByRole('region', { name: 'What is new in 0.2.0' });
  // Text, whatever it holds.
  await expect(notes).toContainText('<img src=x onerror="window.hurt = true">');
  await expect(notes.getByRole('img')).toHaveCount(0);
  expect(await page.evaluate(() => 'hurt' in window)).toBe(false);

  await section.getByRole('button', { name: 'Download 0.2.0' }).focus();
  await page.keyboard.press('Enter');
  await say(page, { ...idle, phase: 'downloading', offer, progress: { bytes: 30e6, of: 120e6, secondsLeft: 60 } });
  await expect(section.getByRole('button', { name: 'Cancel' })).toBeFocused();
  const bar = section.getByRole('progressbar', { name: 'Downloading Avocet 0.2.0' });
  await expect(bar).toHaveAttribute('aria-valuenow', '25');
  await expect(section.getByText('30.0 MB of 120 MB, about 1 min')).toBeVisible();
  // Another screen, and back: main kept it.
  await studio.goTo('Runs');
  await studio.settings('Updates');
  await expect(bar).toHaveAttribute('aria-valuenow', '25');
  await section.getByRole('button', { name: 'Cancel' }).press('Enter');
  await say(page, { ...idle, phase: 'found', offer });
  await expect(bar).toHaveCount(0);

  await say(page, { ...idle, phase: 'ready', offer });
  await expect(section.getByText(/There is no undo: an earlier version has to be installed again/)).toBeVisible();
  const install = section.getByRole('button', { name: 'Restart and install' });
  await install.click();
  await say(page, {
    ...idle,
    phase: 'ready',
    offer,
    problem: {
      kind: 'config',
      code: 'update.runs-at-work',
      message: 'Avocet is not restarted while runs are under way',
      values: { runs: 1 },
      fix: 'Wait until they have ended, or hold the queue and pause them. The download stays.',
    },
  });
  await expect(section.getByRole('alert')).toContainText('Avocet is not restarted while runs are under way');
  await expect(install).toBeEnabled();
  expect(await asked(page)).toEqual(['check', 'download', 'cancel', 'install']);
});

test('where nothing would check who signed, a version is shown and left to the package manager', async ({ studio, page }) => {
  await studio.goTo('Runs');
  await draw(page, { ...idle, way: 'packages', phase: 'found', offer });
  const section = await studio.settings('Updates');
  await expect(section.getByText(/^Install it with the package manager/)).toBeVisible();
  await expect(section.getByRole('button', { name: /Download|Restart/ })).toHaveCount(0);
  await expect(section.getByRole('region', { name: 'What is new in 0.2.0' })).toContainText('Starts faster');
  await say(page, { ...idle, way: 'unsigned', phase: 'found', offer: { ...offer, notes: '' } });
  await expect(section.getByText(/^This build names no signer/)).toBeVisible();
  await expect(section.getByText('Its makers wrote no notes.')).toBeVisible();
  await expect(section.getByRole('button', { name: /Download|Restart/ })).toHaveCount(0);
  await say(page, { version: '0.1.0', way: 'nowhere', phase: 'idle' });
  await expect(section.getByText(/^This build names no place that updates come from/)).toBeVisible();
  await expect(section.getByRole('button')).toHaveCount(0);
});

test('in browser mode nobody is asked, and the palette leads to where that is said', async ({ studio, page }) => {
  await studio.goTo('Runs');
  const section = await fromPalette(studio);
  await expect(section.getByText(/^Browser mode is updated with its package/)).toBeVisible();
  await expect(section.getByRole('button', { name: 'Check for updates' })).toHaveCount(0);
  await section.getByRole('link', { name: 'Copies of the database' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Paths and storage' })).toBeVisible();
});
