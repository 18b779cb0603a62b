import type { Page } from '@playwright/test';

/**
 * Controls that cannot be brought into sight and pressed: cut off by a frame that does not scroll, beyond the edge of the window, or
 * covered by something else where they stand. Each is scrolled to first, as Tab would. Of the whole page, or of what lies over it.
 */
export function unreachable(page: Page, within = page.locator('body')): Promise<readonly string[]> {
  return within.evaluate((root) => {
    const controls =
      'a[href], button, input:not([type="hidden"]), select, textarea, summary, [role="tab"], [role="option"], [role="menuitem"], [tabindex="0"]';
    const told = (control: HTMLElement, why: string) =>
      `${why}: ${control.tagName.toLowerCase()} "${(control.getAttribute('aria-label') ?? control.textContent).trim().replace(/\s+/g, ' ').slice(0, 60)}"`;
    /** What a person cannot scroll, and in which direction. */
    const frames = (control: Element) => {
      const found: { readonly frame: Element; readonly left: number | undefined; readonly top: number | undefined }[] = [];
      for (let parent = control.parentElement; parent !== null; parent = parent.parentElement) {
        const style = getComputedStyle(parent);
        const [left, top] = [/hidden|clip/.test(style.overflowX), /hidden|clip/.test(style.overflowY)];
        if (left || top) found.push({ frame: parent, left: left ? parent.scrollLeft : undefined, top: top ? parent.scrollTop : undefined });
      }
      return found;
    };
    const faults: string[] = [];
    for (const control of root.querySelectorAll<HTMLElement>(controls)) {
      if (control.closest('[inert], .visually-hidden, [aria-hidden="true"]') !== null) continue;
      if (!control.checkVisibility({ visibilityProperty: true })) continue;
      // A tick of a list of options lies invisible over its label.
      const shown = control instanceof HTMLInputElement ? (control.closest('label') ?? control) : control;
      const first = shown.getBoundingClientRect();
      if (first.width <= 1 || first.height <= 1 || control.classList.contains('skip')) continue;
      const fixed = frames(shown);
      shown.scrollIntoView({ block: 'center', inline: 'center' });
      const moved = fixed.filter(
        ({ frame, left, top }) =>
          Math.abs(frame.scrollLeft - (left ?? frame.scrollLeft)) > 1 || Math.abs(frame.scrollTop - (top ?? frame.scrollTop)) > 1,
      );
      for (const { frame, left, top } of fixed) {
        if (left !== undefined) frame.scrollLeft = left;
        if (top !== undefined) frame.scrollTop = top;
      }
      if (moved.length > 0) {
        faults.push(told(control, `cut off by ${moved[0]!.frame.tagName.toLowerCase()}.${moved[0]!.frame.className}`));
        continue;
      }
      // The first line of what wraps; the part in sight of what is larger than the window.
      const box = shown.getClientRects()[0] ?? shown.getBoundingClientRect();
      const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
      const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
      if (right - left < Math.min(box.width, 24) - 1 || bottom - top < Math.min(box.height, 20) - 1) {
        faults.push(told(control, 'beyond the window'));
        continue;
      }
      const isLarge = box.width > innerWidth * 0.6 && box.height > innerHeight * 0.4;
      const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!isLarge && at !== null && !shown.contains(at) && !at.contains(shown))
        faults.push(told(control, `covered by ${at.tagName.toLowerCase()}.${String(at.className).slice(0, 40)}`));
      else if (!isLarge && at !== null && at !== shown && at.contains(shown) && !shown.contains(at) && at.closest('label') === null)
        faults.push(told(control, `not hit, ${at.tagName.toLowerCase()}.${String(at.className).slice(0, 40)} instead`));
    }
    return faults;
  });
}

/** Texts in sight that lie over one another, wherever the page is scrolled to. */
export function overlapping(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const main = document.querySelector('main');
    const faults = new Set<string>();
    interface Box {
      readonly left: number;
      readonly right: number;
      readonly top: number;
      readonly bottom: number;
    }
    /** What frames around it leave of a text. */
    const leftOf = (whole: Box, parent: Element): Box => {
      let { left, right, top, bottom } = whole;
      for (let frame: Element | null = parent; frame !== null; frame = frame.parentElement) {
        if (getComputedStyle(frame).overflow === 'visible') continue;
        const box = frame.getBoundingClientRect();
        [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
        [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
      }
      return { left: Math.max(0, left), right: Math.min(innerWidth, right), top: Math.max(0, top), bottom: Math.min(innerHeight, bottom) };
    };
    const look = () => {
      const seen: { readonly text: string; readonly parent: Element; readonly box: Box }[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode() !== null) {
        const node = walker.currentNode;
        const parent = node.parentElement;
        const text = (node.textContent ?? '').trim();
        if (parent === null || text === '' || parent.closest('[inert], .visually-hidden, svg, option, script, style') !== null) continue;
        if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const whole of range.getClientRects()) {
          const box = leftOf(whole, parent);
          if (box.right - box.left < 4 || box.bottom - box.top < 4) continue;
          const at = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
          if (at !== null && (at === parent || parent.contains(at) || at.contains(parent))) seen.push({ text, parent, box });
        }
      }
      for (const [index, one] of seen.entries())
        for (const other of seen.slice(index + 1)) {
          if (one.parent === other.parent) continue;
          const width = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const height = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          if (width > 4 && height > 4) faults.add(`"${one.text.slice(0, 40)}" and "${other.text.slice(0, 40)}"`);
        }
    };
    const step = Math.max(200, (main?.clientHeight ?? innerHeight) - 60);
    for (let top = 0; top <= Math.min(main?.scrollHeight ?? 0, step * 8); top += step) {
      main?.scrollTo(0, top);
      look();
    }
    main?.scrollTo(0, 0);
    return [...faults];
  });
}

/** Controls that hide a part of their words, and parts of the page that are wider than their frame. */
export function clipped(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const wide = (part: HTMLElement, by: number) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + by;
    const controls = [...document.querySelectorAll<HTMLElement>('button, [role="tab"], [role="menuitem"], nav a')].filter(
      (part) => part.closest('[inert], .visually-hidden') === null && part.checkVisibility() && getComputedStyle(part).display !== 'inline',
    );
    const frames = document.querySelectorAll<HTMLElement>(
      'html, main, main > *, main section, [role="dialog"], aside, nav, header, footer',
    );
    return [...controls.filter((part) => wide(part, 2)), ...[...frames].filter((part) => wide(part, 8))].map(
      (part) =>
        `${part.tagName} ${part.className}, ${part.scrollWidth} in ${part.clientWidth}: ${(part.textContent ?? '').trim().slice(0, 80)}`,
    );
  });
}
