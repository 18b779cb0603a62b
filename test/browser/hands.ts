import { expect, type Locator, type Page } from '@playwright/test';

/**
 * What a person does with a mouse or with a keyboard alone, so that a way through the studio is written once and walked with both.
 * A press is a click, or Enter (Space on what is ticked) once Tab and arrows have brought the focus there; presses are counted.
 */
export interface Hands {
  readonly page: Page;
  /** Clicks, or keys that do something: Tab, arrows and what is typed do not count. */
  presses: number;
  /** The first page of a screen by its link in the rail, or by its keys: once more, where they lead to what was left there. */
  go(screen: Screen): Promise<void>;
  press(target: Locator): Promise<void>;
  /** Ticks or unticks. */
  tick(target: Locator): Promise<void>;
  /** A radio of a group: "One" of "Columns". */
  pick(target: Locator): Promise<void>;
  write(field: Locator, text: string): Promise<void>;
  /** An option of a list that drops down. */
  choose(list: Locator, option: string | RegExp): Promise<void>;
  /** An entry of the menu behind a button. */
  menu(button: Locator, entry: string | RegExp): Promise<void>;
}

export const screens = ['Datasets', 'New experiment', 'Queue', 'Runs', 'Compare', 'Recommendations', 'Export', 'Settings'] as const;
export type Screen = (typeof screens)[number];

const railLink = (page: Page, screen: Screen) =>
  page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen, exact: true });

async function toFirstPage(page: Page, screen: Screen, go: () => Promise<void>): Promise<void> {
  const link = railLink(page, screen);
  const way = await link.getAttribute('href');
  await go();
  await expect(link).toHaveAttribute('aria-current', 'page');
  if (way !== (await link.getAttribute('href'))) await go();
}

export class Pointer implements Hands {
  readonly page: Page;
  presses = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async go(screen: Screen): Promise<void> {
    await toFirstPage(this.page, screen, () => this.press(railLink(this.page, screen)));
  }

  async press(target: Locator): Promise<void> {
    this.presses += 1;
    await target.click();
  }

  async tick(target: Locator): Promise<void> {
    this.presses += 1;
    // A tick lies invisible over its label in some lists.
    await target.click({ force: true });
  }

  async pick(target: Locator): Promise<void> {
    await this.tick(target);
    await expect(target).toBeChecked();
  }

  async write(field: Locator, text: string): Promise<void> {
    if (!(await field.evaluate((input) => input === document.activeElement))) await this.press(field);
    await field.fill(text);
  }

  async choose(list: Locator, option: string | RegExp): Promise<void> {
    await this.press(list);
    await this.press(this.page.getByRole('option', { name: option }));
  }

  async menu(button: Locator, entry: string | RegExp): Promise<void> {
    await this.press(button);
    await this.press(this.page.getByRole('menuitem', { name: entry }));
  }
}

export class Keys implements Hands {
  readonly page: Page;
  presses = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async go(screen: Screen): Promise<void> {
    await toFirstPage(this.page, screen, () => this.hit(`Alt+${screens.indexOf(screen) + 1}`));
    await this.expectFocus();
  }

  async press(target: Locator): Promise<void> {
    await this.reach(target);
    await this.hit('Enter');
  }

  async tick(target: Locator): Promise<void> {
    await this.reach(target);
    await this.hit('Space');
  }

  /** Arrows choose a radio; the one that is chosen already is where Tab leads. */
  async pick(target: Locator): Promise<void> {
    await this.reach(target);
    await expect(target).toBeChecked();
    this.presses += 1;
  }

  async write(field: Locator, text: string): Promise<void> {
    await this.reach(field);
    await this.page.keyboard.press('Control+a');
    if (text === '') await this.page.keyboard.press('Delete');
    else await this.page.keyboard.type(text);
  }

  async choose(list: Locator, option: string | RegExp): Promise<void> {
    await this.press(list);
    // It opens at what is chosen; what is wanted may stand above.
    await expect(this.page.getByRole('option', { name: option }).first()).toBeVisible();
    await this.page.keyboard.press('Home');
    await this.walk('ArrowDown', this.page.getByRole('option', { name: option }), 'data-highlighted');
    await this.hit('Enter');
    await expect(this.page.getByRole('option')).toHaveCount(0);
    await this.expectFocus();
  }

  async menu(button: Locator, entry: string | RegExp): Promise<void> {
    await this.press(button);
    await this.walk('ArrowDown', this.page.getByRole('menuitem', { name: entry }), 'data-highlighted');
    await this.hit('Enter');
  }

  /** Keys that do something where the focus is. */
  async hit(key: string): Promise<void> {
    this.presses += 1;
    await this.page.keyboard.press(key);
    await this.expectFocus();
  }

  /** Tab, or Shift+Tab where the target lies before the focus, and arrows within a row of tabs, radios or tiles; as many as it takes. */
  async reach(target: Locator): Promise<void> {
    await expect(target).toBeVisible({ timeout: 60_000 });
    for (let step = 0; step < 150; step++) {
      const key = await target.evaluate((element) => {
        const { activeElement } = document;
        if (activeElement === element) return 'there';
        const whole = '[role="tablist"], [role="radiogroup"]';
        const isBefore =
          activeElement !== null && (element.compareDocumentPosition(activeElement) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
        const holdsIt = activeElement !== null && activeElement.contains(element);
        if (element.closest(whole) !== null && element.closest(whole) === activeElement?.closest(whole))
          return isBefore ? 'ArrowLeft' : 'ArrowRight';
        return isBefore && !holdsIt ? 'Shift+Tab' : 'Tab';
      });
      if (key === 'there') return this.expectFocus();
      await this.page.keyboard.press(key);
    }
    throw new Error(`Tab does not lead to ${target.toString()}; the focus is at ${await this.#name()}`);
  }

  /** Arrows through what is open until the entry has the mark of the one that Enter takes. */
  async walk(key: string, entry: Locator, mark: string): Promise<void> {
    await expect(entry.first()).toBeVisible();
    for (let step = 0; step < 60; step++) {
      if ((await entry.first().getAttribute(mark)) !== null) return;
      const at = await this.#marked(mark);
      await this.page.keyboard.press(key);
      // The mark moves a moment after the key. At the end of a list that does not go round it stays, which the last line tells.
      await expect
        .poll(() => this.#marked(mark), { timeout: 5000 })
        .not.toBe(at)
        .catch(() => undefined);
    }
    throw new Error(`Arrows do not lead to ${entry.toString()}`);
  }

  /** The focus is somewhere on the page, in sight, and can be told from what has it not. It may need a moment to get there. */
  async expectFocus(): Promise<void> {
    await expect.poll(() => focusFault(this.page), { message: 'where the focus is', timeout: 60_000 }).toBe('');
  }

  /** What carries the mark now, by its place among all that could. */
  #marked(mark: string): Promise<number> {
    return this.page.evaluate(
      (name) => [...document.querySelectorAll('[role="option"], [role^="menuitem"]')].findIndex((each) => each.hasAttribute(name)),
      mark,
    );
  }

  #name(): Promise<string> {
    return this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 160) ?? 'nothing');
  }
}

/** What is wrong with the place of the focus, or nothing: it fell to the document, is out of sight, covered, or looks like all others. */
export function focusFault(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    if (focused === null || focused === document.body) return 'fell to the document';
    const name = `${focused.tagName.toLowerCase()} "${(focused.getAttribute('aria-label') ?? focused.textContent).trim().replace(/\s+/g, ' ').slice(0, 50)}"`;
    // The tick of a switch or a radio is drawn by its label.
    const label = focused instanceof HTMLInputElement && ['checkbox', 'radio'].includes(focused.type) ? focused.closest('label') : null;
    const shown = label ?? focused;
    const all = shown.getBoundingClientRect();
    const box = shown.getClientRects()[0] ?? all;
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (right - left < 2 || bottom - top < 2) return `out of sight: ${name}`;
    // Nine points of it: a part may be covered, all of it may not (WCAG 2.4.11).
    const isSeen = [0.5, 0.1, 0.9].some((x) =>
      [0.5, 0.2, 0.8].some((y) => {
        const at = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
        return at !== null && (shown.contains(at) || (at.contains(shown) && shown.contains(focused) && at.tagName === 'LABEL'));
      }),
    );
    if (!isSeen) return `covered: ${name}`;
    // A page or a panel that holds everything needs no ring around all of it.
    if (focused.tagName === 'MAIN' || focused.getAttribute('role') === 'dialog' || focused.getAttribute('role') === 'menu') return '';
    const isMarked = (element: Element | null) => {
      if (element === null) return false;
      const style = getComputedStyle(element);
      return (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
    };
    const near = [focused, label, focused.parentElement, focused.parentElement?.parentElement ?? null, focused.nextElementSibling];
    // In a list the row that is meant carries the mark.
    const pointed = focused.getAttribute('aria-activedescendant');
    return [...near, pointed === null ? null : document.getElementById(pointed)].some(isMarked) ? '' : `not marked: ${name}`;
  });
}
