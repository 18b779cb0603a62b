import type { Locator, Page } from '@playwright/test';
import { longDataset, openExperiment } from './crowd.ts';
import { overlapping, unreachable } from './legible.ts';
import { RunsPage } from './pages/runs-page.ts';
import { expect, expectAccessibleInBoth, expectLoaded, filledBy, inTheme, keep, test } from './studio.ts';

/**
 * A window of 1280 × 800 at 200 % is one of 640 × 400: every control of every screen can be brought into sight and pressed there, and no
 * text lies over another. Where things lie does not depend on colours, so that is walked in the light theme. What opens over a screen
 * is read by axe in both.
 */
test.use(filledBy('fill-home.ts'));

const open = (page: Page, address: string) => page.evaluate((hash) => void (location.hash = hash), address);

async function expectWhole(page: Page, where: string, within?: Locator): Promise<void> {
  await expect(page.getByRole('heading', { includeHidden: true }).first()).toBeAttached();
  await expectLoaded(page);
  const soft = expect.configure({ soft: true });
  await soft.poll(() => unreachable(page, within), { message: `${where}: out of reach at 200 %`, timeout: 120_000 }).toEqual([]);
  // What lies over a page lies over its texts too.
  if (within !== undefined) return;
  await soft.poll(() => overlapping(page), { message: `${where}: texts over one another at 200 %`, timeout: 120_000 }).toEqual([]);
}

async function tabs(page: Page, where: string): Promise<void> {
  const list = page.getByRole('main').getByRole('tablist').first().getByRole('tab');
  await expect(list.first()).toBeVisible();
  const names = await list.allInnerTexts();
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    const tab = page.getByRole('tab', { name: name.split('\n')[0]!, exact: false }).first();
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
    await expectWhole(page, `${where}, ${name}`);
  }
}

test('what looks for faults finds them', async ({ studio, page }) => {
  await studio.goTo('Settings');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expectLoaded(page);
  await expect.poll(() => unreachable(page)).toEqual([]);
  const spoil = (properties: Record<string, string>, selector: string) =>
    page.locator(selector).evaluate((element, wanted) => void Object.assign((element as HTMLElement).style, wanted), properties);
  await spoil({ height: '60px', overflow: 'hidden' }, 'nav[aria-label="Sections of Settings"]');
  await spoil({ marginBottom: '-40px' }, 'main h1');
  expect((await unreachable(page)).join('\n')).toMatch(/cut off by nav.*"About and licences"/s);
  expect(await overlapping(page)).not.toEqual([]);
  await page.reload();
});

test('at 200 % nothing is cut off, covered or out of reach', async ({ studio, page }) => {
  test.setTimeout(900_000);
  void studio;
  await page.setViewportSize({ width: 640, height: 400 });
  for (const screen of ['datasets', 'queue', 'compare', 'recommendations', 'help']) {
    await open(page, `#/${screen}`);
    await expectWhole(page, screen);
    await keep(page, `magnified-${screen}`);
  }
  await open(page, '#/new');
  await expect(page.getByRole('checkbox', { name: 'EGRA', exact: true })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('checkbox', { name: 'EGRA', exact: true }).check();
  await tabs(page, 'new experiment');
  await keep(page, 'magnified-new-plan');
  await open(page, '#/export');
  await expect(page.getByRole('tab', { name: 'Preview' })).toBeVisible();
  await tabs(page, 'export');
  await open(page, '#/runs');
  const runs = new RunsPage(page);
  await expect(runs.rows().first()).toBeVisible();
  await runs.select(/^Select /);
  await expectWhole(page, 'runs, some selected');
  await keep(page, 'magnified-runs');
  await open(page, '#/runs?filter=model%20%3D%20egra%20and%20status%20%3D%20finished');
  // Without the selection, whose bar lies over rows that are not scrolled to.
  await page.reload();
  await runs.openFirst();
  await tabs(page, 'a run');
  await open(page, '#/compare');
  await page.getByRole('main').getByRole('link', { name: openExperiment, exact: true }).click();
  await tabs(page, 'a comparison');
  await open(page, '#/datasets');
  await page.getByRole('link', { name: longDataset, exact: true }).click();
  await tabs(page, 'a dataset');
  for (const section of ['general', 'appearance', 'compute', 'storage', 'queue', 'shortcuts', 'privacy', 'updates', 'about']) {
    await open(page, `#/settings/${section}`);
    await expectWhole(page, `settings, ${section}`);
  }
});

/** What lies over a screen: how it is opened there, and what it is. */
const overlays: readonly (readonly [screen: string, opens: (page: Page) => Promise<void>, what: (page: Page) => Locator])[] = [
  ['#/datasets', press('button', 'Import dataset'), dialog('Import dataset')],
  ['#/new', press('button', 'Open a past run'), dialog('Open a past run in this form')],
  ['#/new', press('button', 'Add note'), dialog('Note of the experiment')],
  ['#/new', press('button', 'Add a command'), dialog(/command/i)],
  ['#/new', press('button', 'Add a model'), dialog('A model of your own')],
  ['#/queue', press('button', /^More for /), (page) => page.getByRole('menu')],
  ['#/queue', press('button', /^Console of /), (page) => page.getByRole('complementary', { name: 'Console' })],
  ['#/runs', press('button', 'Columns'), dialog('Columns')],
  ['#/runs', press('button', 'Group: none'), dialog('Group rows')],
  ['#/runs', press('button', 'Add external run'), dialog(/run/i)],
  ['#/runs', press('button', 'More', true), (page) => page.getByRole('menu')],
  [
    '#/runs',
    async (page) => {
      await page.getByRole('grid', { name: 'Runs' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Shift+Space');
    },
    (page) => page.getByRole('complementary').filter({ has: page.getByRole('button', { name: 'Close panel' }) }),
  ],
  [
    '#/export',
    async (page) => {
      await page.getByRole('tab', { name: 'What' }).click();
      await press('button', 'Bundle…')(page);
    },
    dialog('Reproducibility bundle'),
  ],
  [
    '#/export',
    async (page) => {
      await page.getByRole('tab', { name: 'What' }).click();
      await press('button', 'Saved exports…')(page);
    },
    dialog('Saved exports'),
  ],
  ['#/settings/privacy', press('button', 'Show diagnostics…'), dialog('Diagnostics')],
  ['#/settings', press('button', 'Messages'), (page) => page.getByRole('dialog', { name: 'Messages' })],
  ['#/settings', (page) => page.keyboard.press('F1'), (page) => page.getByRole('complementary', { name: 'Help' })],
];

function press(role: 'button', name: string | RegExp, exact = false) {
  return (page: Page) => page.getByRole('main').or(page.getByRole('banner')).getByRole(role, { name, exact }).first().click();
}

function dialog(name: string | RegExp) {
  return (page: Page) => page.getByRole('dialog', { name }).first();
}

test('dialogs, menus and drawers are accessible in both themes and whole at 200 %', async ({ studio, page }) => {
  test.setTimeout(900_000);
  void studio;
  await page.setViewportSize({ width: 640, height: 400 });
  for (const [index, [screen, opens, what]] of overlays.entries()) {
    await open(page, screen);
    await expectLoaded(page);
    await opens(page);
    await expect(what(page)).toBeVisible({ timeout: 60_000 });
    await expectLoaded(page);
    const name = `${screen}, overlay ${index + 1}`;
    await expectAccessibleInBoth(page, name);
    await inTheme(page, 'light');
    await expectWhole(page, name, what(page));
    await keep(page, `magnified-overlay-${index + 1}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    // A drawer is part of the page: Esc closes it from within.
    const close = page.getByRole('button', { name: 'Close panel' });
    if (await close.isVisible()) await close.click({ timeout: 5000 }).catch(() => undefined);
    await expect(what(page)).toHaveCount(0);
  }
});

test('the name of an experiment has room at 200 %', async ({ studio, page }) => {
  void studio;
  await page.setViewportSize({ width: 640, height: 400 });
  await open(page, '#/new');
  const box = await page.getByRole('textbox', { name: 'Name of the experiment' }).boundingBox();
  expect(box?.width).toBeGreaterThan(400);
});
