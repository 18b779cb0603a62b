import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window was, in device-independent pixels; `x`, `y` are absent before it was ever placed. */
export interface WindowState {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly isMaximised: boolean;
  /** What was chosen in Settings; they are read only after the window is there. */
  readonly theme?: 'system' | 'light' | 'dark';
}

export const smallest = { width: 1024, height: 680 } as const;
export const usualWindow: WindowState = { width: 1440, height: 900, isMaximised: false };

const stateSchema = v.object({
  x: v.optional(v.pipe(v.number(), v.integer())),
  y: v.optional(v.pipe(v.number(), v.integer())),
  width: v.pipe(v.number(), v.integer(), v.minValue(1)),
  height: v.pipe(v.number(), v.integer(), v.minValue(1)),
  isMaximised: v.boolean(),
  theme: v.optional(v.picklist(['system', 'light', 'dark'])),
});

/** The stored state, or the usual size where there is none or it cannot be read: a window must open whatever the file holds. */
export function readWindowState(file: string): WindowState {
  try {
    const { x, y, theme, ...rest } = v.parse(stateSchema, JSON.parse(readFileSync(file, 'utf8')));
    return { ...rest, ...(x === undefined || y === undefined ? {} : { x, y }), ...(theme === undefined ? {} : { theme }) };
  } catch {
    return usualWindow;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

/** Fits the state into one of the screens: on the screen it overlaps most, shrunk and moved until it is wholly visible; centred by the system where no screen shows it. */
export function clampToScreens(state: WindowState, screens: readonly Area[]): WindowState {
  const { x, y } = state;
  const first = screens[0];
  if (first === undefined) return state;
  const overlap = (screen: Area): number => {
    if (x === undefined || y === undefined) return 0;
    const width = Math.min(x + state.width, screen.x + screen.width) - Math.max(x, screen.x);
    const height = Math.min(y + state.height, screen.y + screen.height) - Math.max(y, screen.y);
    return width > 0 && height > 0 ? width * height : 0;
  };
  const screen = screens.reduce((best, next) => (overlap(next) > overlap(best) ? next : best), first);
  const width = Math.min(state.width, screen.width);
  const height = Math.min(state.height, screen.height);
  if (x === undefined || y === undefined || overlap(screen) === 0) return { width, height, isMaximised: state.isMaximised };
  return {
    x: Math.max(screen.x, Math.min(x, screen.x + screen.width - width)),
    y: Math.max(screen.y, Math.min(y, screen.y + screen.height - height)),
    width,
    height,
    isMaximised: state.isMaximised,
  };
}
