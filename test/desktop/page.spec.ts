import { StudioPage } from '../browser/pages/studio-page.ts';
import { builtApp, choose, expect, launch, test } from './app.ts';

test('a page that crashes is loaded again where it was, with what was being planned, and says so', async ({ avocet: { app, page } }) => {
  const studio = new StudioPage(page);
  await studio.goTo('New experiment');
  const question = page.getByRole('textbox', { name: 'Question of the experiment' });
  await question.fill('Does it come back?');
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer());
  // Playwright takes a crashed page for lost, so main asks it; what is asked while it is gone is never answered.
  const read = (expression: string) =>
    app.evaluate(({ BrowserWindow }, script) => {
      const asked = BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(script) as Promise<unknown>;
      return Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 500))]);
    }, expression);
  await expect.poll(() => read(`document.body.innerText`)).toMatch(/had ended by itself and was loaded again/);
  expect(await read(`document.querySelector('h1').textContent`)).toBe('New experiment');
  await expect.poll(() => read(`[...document.querySelectorAll('input')].map(({ value }) => value)`)).toContain('Does it come back?');
});

test('a text field has the menu of a text field, and selected text can be copied', async ({ avocet: { app, page } }) => {
  await app.evaluate(({ Menu }) => {
    const seen = globalThis as unknown as { shown: string[] };
    seen.shown = [];
    Menu.prototype.popup = function popup() {
      seen.shown = this.items.filter(({ type, enabled }) => type !== 'separator' && enabled).map(({ role }) => role!.toLowerCase());
    };
  });
  const shown = () => app.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
  await new StudioPage(page).dataset('Demo').click();
  const licence = page.getByRole('textbox', { name: 'Licence note' });
  await licence.fill('Drawn by code');
  await licence.selectText();
  await licence.click({ button: 'right' });
  await expect.poll(shown).toEqual(expect.arrayContaining(['cut', 'copy', 'selectall']));
  await page.getByRole('heading', { level: 1 }).selectText();
  await page.getByRole('heading', { level: 1 }).click({ button: 'right' });
  await expect.poll(shown).toEqual(['copy']);
});

test('the theme that was chosen holds for the system’s own parts, and from the first moment of the next start', async ({ home }) => {
  let running = await launch(builtApp(), home);
  await choose(running.app, 'View', 'Theme', 'Dark');
  const source = () => running.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
  await expect.poll(source).toBe('dark');
  await expect(running.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await running.app.close();
  running = await launch(builtApp(), home);
  expect(await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBackgroundColor())).toBe('#14171A');
  await choose(running.app, 'View', 'Theme', 'As the system');
  await expect.poll(source).toBe('system');
  await running.app.close();
});
