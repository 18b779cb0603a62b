import type { Page } from '@playwright/test';
import { cards } from '#models/cards.ts';
import { pseudo } from '#renderer/locales/pseudo.ts';
import { frozenExperiment, longDataset, openExperiment } from './crowd.ts';
import { clipped, overlapping } from './legible.ts';
import { expect, filledBy, keep, test, type Server } from './studio.ts';

test.use(filledBy('fill-home.ts'));

/** What is the same in every language: names of models, data and metrics, units and dates. */
const names = [
  ...[
    longDataset,
    openExperiment,
    frozenExperiment,
    'Demo',
    'Avocet',
    'English',
    '中文',
    'TPE',
    'Holm',
    'SHA-256',
    'PDF',
    'SVG',
    'wasm',
    'image',
    'text',
  ],
  ...cards.map((card) => card.title),
  // What a device and a model record of themselves.
  ...['tfjs-core', 'edges'],
].sort((a, b) => b.length - a.length);
const signs =
  /(?:Recall|NDCG|Precision|MAP|R|N|P)@\d+|\b(?:Recall|NDCG|Precision|MAP)\b|\d+(?:\.\d+)? (?:[kMGT]?B|ms)|\d+ [A-Z][a-z]{2} \d{4}|\bid\b|n_layers|reg_weight/g;

/** Words of controls and headings that never went through a catalogue; parts marked as English are what the studio or a card says. */
async function unheard(page: Page): Promise<readonly string[]> {
  const said = await page.evaluate(() => {
    const outside = (text: string) => {
      let depth = 0;
      return [...text].filter((sign) => (depth += sign === '⟦' ? 1 : 0) === 0 || (sign === '⟧' && depth-- < 0)).join('');
    };
    const spoken = 'button, label, legend, th, dt, h1, h2, h3, h4, summary, nav a, [role="tab"], [role="menuitem"], [role="radio"]';
    const parts = [...document.querySelectorAll<HTMLElement>(`${spoken}, [placeholder]`)].filter(
      (part) => part.closest('[lang="en"]:not(html), [inert], code, .mono') === null && part.checkVisibility(),
    );
    return parts.flatMap((part) => {
      const texts: string[] = [part.getAttribute('aria-label') ?? '', part.getAttribute('placeholder') ?? ''];
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode() !== null) {
        const holder = walker.currentNode.parentElement;
        if (holder?.closest('[lang="en"]:not(html), code, kbd, .mono') === null) texts.push(walker.currentNode.textContent ?? '');
      }
      return texts.map((text) => outside(text).trim()).filter((text) => text !== '');
    });
  });
  const left = (text: string) => names.reduce((rest, name) => rest.replaceAll(name, ''), text).replace(signs, '');
  return [...new Set(said)].filter((text) => /\p{L}{2}/u.test(left(text)));
}

/** Waits until a page that was asked for stands there, in the words of the pseudo-locale. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { includeHidden: true }).first()).toBeAttached();
  const loading = new RegExp(
    `^(?:${['Loading', 'Making', 'Looking', 'Reading'].map((word) => pseudo(word).replace(/[ o]*⟧$/, '')).join('|')})`,
  );
  await expect(page.getByRole('status', { name: loading, includeHidden: true })).toHaveCount(0, { timeout: 60_000 });
}

async function expectWhole(page: Page, where: string): Promise<void> {
  await settled(page);
  const soft = expect.configure({ soft: true });
  await soft.poll(() => unheard(page), { message: `${where}: words in no catalogue (CONTRIBUTING.md, Languages)` }).toEqual([]);
  await soft.poll(() => clipped(page), { message: `${where}: cut off where words are 40 % longer` }).toEqual([]);
}

/** Opens the page in a pseudo-locale and looks at every screen, and at every tab of a dataset, a comparison and a run. */
async function walk(page: Page, server: Server, locale: string, look: (where: string) => Promise<void>): Promise<void> {
  // It looks at everything there is, which takes its time on slow cores.
  test.setTimeout(900_000);
  await page.goto(`${new URL(server.address).origin}/?locale=${locale}`);
  await expect(page.getByRole('navigation', { name: pseudo('Screens') })).toBeVisible({ timeout: 60_000 });
  const open = (hash: string) => page.evaluate((address) => void (location.hash = address), hash);
  for (const screen of [
    'datasets',
    'new',
    'queue',
    'runs',
    'compare',
    'export',
    'export?figure=curves',
    'recommendations',
    'settings',
    'help',
  ]) {
    await open(`#/${screen}`);
    await look(screen);
  }
  const tabs = async (name: string) => {
    await expect(page.getByRole('tab').first()).toBeVisible({ timeout: 60_000 });
    for (const [at, tab] of (await page.getByRole('tab').all()).entries()) {
      await tab.click();
      await look(`${name}-${at}`);
    }
  };
  await open('#/datasets');
  await page.getByRole('link', { name: longDataset, exact: true }).click();
  await tabs('dataset');
  await open('#/compare');
  await page.getByRole('link', { name: openExperiment }).first().click();
  await tabs('comparison');
  await open('#/runs?filter=status%20%3D%20finished');
  const grid = page.getByRole('grid');
  const seeds = grid.getByRole('button', { name: pseudo('Seeds of').slice(0, 6) }).first();
  await seeds.click();
  await grid.getByRole('link').first().click();
  await tabs('run');
}

test('no word escapes the catalogues and none is cut off where words are 40 % longer', async ({ studio, page, server }) => {
  void studio;
  await walk(page, server, 'pseudo', async (where) => {
    await expectWhole(page, where);
    await keep(page, `pseudo-${where}`);
  });
  await page.keyboard.press('Control+Slash');
  await expect(page.getByRole('dialog', { name: pseudo('Keyboard shortcuts') })).toBeVisible();
  await expectWhole(page, 'shortcuts');
});

// What only one of the four can show: a small window, and a page that is mirrored.
for (const { locale, width, height } of [
  { locale: 'pseudo', width: 1000, height: 700 },
  { locale: 'pseudo-rtl', width: 1280, height: 800 },
  { locale: 'pseudo-rtl', width: 1000, height: 700 },
])
  test(`nothing is cut off or lies over another, ${locale} in ${width} × ${height}`, async ({ studio, page, server }) => {
    void studio;
    await page.setViewportSize({ width, height });
    const soft = expect.configure({ soft: true });
    await walk(page, server, locale, async (where) => {
      await settled(page);
      await soft.poll(() => clipped(page), { message: `${where}: cut off` }).toEqual([]);
      await soft.poll(() => overlapping(page), { message: `${where}: over one another` }).toEqual([]);
      await keep(page, `${locale}-${width}-${where}`);
    });
    await expect(page.locator('html')).toHaveAttribute('dir', locale === 'pseudo-rtl' ? 'rtl' : 'ltr');
  });

test('Chinese is chosen in Settings, holds at once, loses nothing typed and stays after a reload', async ({ studio, page }) => {
  await studio.goTo('New experiment');
  const name = page.getByRole('textbox', { name: 'Question of the experiment' });
  await name.fill('Does it still hold?');
  await studio.settings('Language');
  await page.getByRole('radio', { name: '中文' }).check({ force: true });
  await expect(page.getByRole('heading', { level: 1, name: '设置' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.getByRole('radio', { name: '中文' })).toBeFocused();
  await page.getByRole('navigation', { name: '界面' }).getByRole('link', { name: '新建实验' }).click();
  await expect(page.getByRole('textbox', { name: '实验的问题' })).toHaveValue('Does it still hold?');
  await page.reload();
  await page.getByRole('navigation', { name: '界面' }).getByRole('link', { name: '运行' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^运行/ })).toBeVisible();
  const facets = page.getByRole('button', { name: /^筛选（/ }).or(page.getByRole('button', { name: '筛选', exact: true }));
  if ((await facets.getAttribute('aria-expanded')) === 'false') await facets.click();
  await page.getByRole('checkbox', { name: /^已完成/ }).check();
  await expect(page.getByRole('group', { name: '筛选条件' }).getByRole('button', { name: /^状态.*已完成$/ })).toBeVisible();
  await keep(page, 'chinese-runs');
  await page.getByRole('navigation', { name: '界面' }).getByRole('link', { name: '设置' }).click();
  await page.getByRole('navigation', { name: '设置分类' }).getByRole('link', { name: '语言' }).click();
  await page.getByRole('radio', { name: 'English' }).check({ force: true });
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
});
