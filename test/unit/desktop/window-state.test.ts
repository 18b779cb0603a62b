import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clampToScreens, readWindowState, writeWindowState } from '../../../main/desktop/window-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-window-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const left = { x: 0, y: 0, width: 1920, height: 1080 };
const right = { x: 1920, y: 0, width: 1280, height: 800 };
const place = (x: number, y: number, width = 1200, height = 700) => ({ x, y, width, height, isMaximised: false });

describe('the window returns to where it was', () => {
  it('keeps a place that is wholly on a screen', () => {
    expect(clampToScreens(place(100, 50), [left, right])).toEqual(place(100, 50));
  });

  it('moves a window that hangs over an edge into the screen that shows most of it', () => {
    expect(clampToScreens(place(1850, 300), [left, right])).toEqual(place(1920, 100));
    expect(clampToScreens(place(-300, -20), [left, right])).toEqual(place(0, 0));
  });

  it('lets the system place a window whose screen is gone', () => {
    expect(clampToScreens(place(2400, 100), [left])).toEqual({ width: 1200, height: 700, isMaximised: false });
  });

  it('shrinks a window that is larger than its screen', () => {
    expect(clampToScreens(place(2000, 10, 2400, 1300), [right])).toEqual(place(1920, 0, 1280, 800));
  });

  it('reads back what it wrote, and opens as usual whatever else the file holds', () => {
    const file = join(folder, 'window.json');
    writeWindowState(file, place(5, 6));
    expect(readWindowState(file)).toEqual(place(5, 6));
    writeWindowState(file, { ...place(5, 6), theme: 'dark' });
    expect(readWindowState(file)).toEqual({ ...place(5, 6), theme: 'dark' });
    const usual = { width: 1440, height: 900, isMaximised: false };
    for (const text of ['', '{"width":-5}', '[]', '{"x":1.5,"y":0,"width":10,"height":10,"isMaximised":false}']) {
      writeFileSync(file, text);
      expect(readWindowState(file)).toEqual(usual);
    }
    expect(readWindowState(join(folder, 'none.json'))).toEqual(usual);
  });
});
