import { describe, expect, it, vi } from 'vitest';
import type { Notice } from '#contract/host.ts';
import { Presence, shareDone, type Surface } from '../../../main/desktop/presence.ts';
import { trayIcon } from '../../../main/desktop/tray-icon.ts';
import { Owned } from './owned.ts';

// Messages cross in a few turns; a busy machine takes its time over them.
const patience = { timeout: 60_000 };

/** An app drawn for the test: what the system was told. */
class Drawn {
  readonly progress: number[] = [];
  readonly notified: { notice: Notice; click: () => void }[] = [];
  readonly opened: (string | undefined)[] = [];
  tray: { readonly tooltip: string; readonly menu: readonly { label?: string; click?: unknown }[] } | undefined;
  quits = 0;
  onQuit: () => void = () => undefined;
  readonly questions: string[] = [];
  /** What the person presses when asked. */
  press: (buttons: readonly string[]) => number = (buttons) => buttons.length - 1;
  hasWindow = true;
  isFocused = false;
  /** How often a notice asked whether anybody looks. */
  asked = 0;

  readonly surface: Surface = {
    window: () =>
      this.hasWindow
        ? { setProgressBar: (value: number) => void this.progress.push(value), isFocused: () => (this.asked++, this.isFocused) }
        : undefined,
    showTray: (tray) => (this.tray = tray as NonNullable<typeof this.tray>),
    hideTray: () => (this.tray = undefined),
    notify: (notice, click) => void this.notified.push({ notice, click }),
    open: (route) => void this.opened.push(route),
    ask: async ({ message, buttons }) => {
      this.questions.push(message);
      return this.press(buttons);
    },
    closeWindow: () => (this.hasWindow = false),
    quit: () => {
      this.quits += 1;
      this.onQuit();
    },
  };

  choose(label: RegExp): void {
    (this.tray?.menu.find((item) => label.test(item.label ?? ''))?.click as (() => void) | undefined)?.();
  }
}

function started(): { owned: Owned; drawn: Drawn; presence: Presence } {
  const owned = new Owned();
  const drawn = new Drawn();
  let now = 0;
  const presence = new Presence(Promise.resolve(owned.studio), drawn.surface, () => (now += 10_000));
  return { owned, drawn, presence };
}

describe('an app that works beside other windows', () => {
  it('shows on the taskbar how far the queue is, and nothing while it is empty', async () => {
    const { owned, drawn, presence } = started();
    owned.say(2, 11);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(2), patience);
    owned.say(2, 11, false, 30);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBeLessThan(1), patience);
    expect(drawn.progress.at(-1)).toBeGreaterThan(0.2);
    owned.say(0);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(-1), patience);
    presence.end();
    expect(shareDone(0, 60_000, { seconds: 180, low: 100, high: 300, basis: 'measured' } as never)).toBe(0.25);
    expect(shareDone(0, 60_000, undefined)).toBeUndefined();
  });

  it('asks before it quits while runs are under way: in the background, paused, or not at all', async () => {
    const { owned, drawn, presence } = started();
    owned.say(0);
    await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(0), patience);
    await presence.quit();
    expect([drawn.quits, drawn.questions]).toEqual([1, []]);
    owned.say(2, 11);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(2), patience);
    await presence.quit();
    expect([drawn.quits, drawn.hasWindow, drawn.questions]).toEqual([1, true, ['2 running, 11 waiting. Quit Avocet?']]);
    drawn.press = (buttons) => buttons.findIndex((label) => /background/.test(label));
    await presence.quit();
    expect([drawn.quits, drawn.hasWindow]).toEqual([1, false]);
    drawn.press = (buttons) => buttons.findIndex((label) => /^Pause/.test(label));
    await Promise.all([presence.quit(), presence.quit()]);
    expect([drawn.quits, drawn.questions.length]).toEqual([2, 3]);
    presence.end();
  });

  /** An app that was told to stop its two runs and to quit. */
  async function stopping(): Promise<ReturnType<typeof started>> {
    const app = started();
    app.owned.say(2, 11);
    await vi.waitFor(() => expect(app.drawn.progress.at(-1)).toBe(2), patience);
    app.drawn.press = (buttons) => buttons.indexOf('Stop');
    await app.presence.quit();
    return app;
  }

  it('stops the running ones with their best kept, holds what waits, and quits when the last has ended', async () => {
    const { owned, drawn, presence } = await stopping();
    expect([owned.held, owned.stopped, drawn.opened, drawn.quits]).toEqual([
      true,
      [{ ids: ['run-1', 'run-2'], keep: true }],
      ['/queue'],
      0,
    ]);
    owned.say(1, 11, true);
    await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(1), patience);
    expect(drawn.quits).toBe(0);
    owned.say(0, 11, true);
    await vi.waitFor(() => expect(drawn.quits).toBe(1), patience);
    presence.end();
  });

  it('goes on where the queue was started again while runs were stopping', async () => {
    const { owned, drawn, presence } = await stopping();
    let drawings = drawn.progress.length;
    for (const [running, held] of [
      [1, true],
      [1, false],
      [0, false],
    ] as const) {
      owned.say(running, 11, held);
      await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(drawings), patience);
      drawings = drawn.progress.length;
    }
    expect(drawn.quits).toBe(0);
    presence.end();
  });

  it('stays in the tray while runs go on without a window, and ends with them', async () => {
    const { owned, drawn, presence } = started();
    owned.say(2, 11);
    await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(0), patience);
    drawn.hasWindow = false;
    await presence.windowClosed();
    expect([drawn.quits, drawn.tray?.tooltip]).toEqual([0, 'Avocet: 2 running, 11 waiting']);
    expect(drawn.notified.map(({ notice }) => notice.title)).toEqual(['Avocet goes on in the background: 2 running, 11 waiting']);
    drawn.choose(/^Open the queue/);
    expect(drawn.opened).toEqual(['/queue']);
    drawn.choose(/^Hold the queue/);
    await vi.waitFor(() => expect(owned.held).toBe(true), patience);
    owned.say(1, 0);
    await vi.waitFor(() => expect(drawn.tray?.tooltip).toBe('Avocet: 1 running, 0 waiting'), patience);
    owned.say(0);
    await vi.waitFor(() => expect(drawn.quits).toBeGreaterThan(0), patience);
    expect(drawn.tray).toBeUndefined();
    presence.end();
  });

  it('goes on for an import as for runs, asks before it ends one, and is gone with it', async () => {
    const { owned, drawn, presence } = started();
    owned.sayBeside({ importing: 0.25 });
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(0.25), patience);
    await presence.quit();
    expect([drawn.quits, drawn.questions]).toEqual([0, ['Importing Baby. Quit Avocet?']]);
    drawn.press = (buttons) => buttons.indexOf('Quit');
    await presence.quit();
    expect(drawn.quits).toBe(1);
    drawn.hasWindow = false;
    await presence.windowClosed();
    expect([drawn.quits, drawn.tray?.tooltip]).toEqual([1, 'Avocet: Importing Baby']);
    expect(drawn.notified.at(-1)?.notice.route).toBe('/datasets');
    owned.sayBeside({});
    await vi.waitFor(() => expect(drawn.quits).toBe(2), patience);
    presence.end();
  });

  it('stays in the tray with an import that failed without a window until it is put away, and for no failure that was seen', async () => {
    const { owned, drawn, presence } = started();
    owned.sayBeside({ importing: 0.5 });
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(0.5), patience);
    await presence.windowClosed();
    owned.sayBeside({ failed: true });
    await vi.waitFor(() => expect(drawn.tray?.tooltip).toBe('Avocet: Failed: Importing Baby'), patience);
    expect(drawn.quits).toBe(0);
    presence.windowOpened();
    await presence.windowClosed();
    expect(drawn.quits).toBe(1);
    presence.end();
  });

  it('counts what was begun a moment before the window is closed, though it has not heard of it yet', async () => {
    const { owned, drawn, presence } = started();
    owned.say(0);
    await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(0), patience);
    owned.sayBeside({ importing: 0 });
    await presence.windowClosed();
    expect([drawn.quits, drawn.tray?.tooltip]).toEqual([0, 'Avocet: Importing Baby']);
    presence.end();
  });

  it('goes by what was said last where the studio does not answer: nobody is kept from quitting', async () => {
    const { owned, drawn, presence } = started();
    owned.say(2, 11);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(2), patience);
    owned.hangs = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const quitting = presence.quit();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    await quitting;
    expect(drawn.questions).toEqual(['2 running, 11 waiting. Quit Avocet?']);
    presence.end();
  });

  it('quits once where the last run ends while the window is being closed: a second quit waits for nothing', async () => {
    const { owned, drawn, presence } = started();
    owned.say(1);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(2), patience);
    owned.hangs = true;
    drawn.onQuit = () => presence.end();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closing = presence.windowClosed();
    owned.say(0);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    await closing;
    expect(drawn.quits).toBe(1);
  });

  it('does not wait for the demo, which is drawn again at the next start', async () => {
    const { owned, drawn, presence } = started();
    owned.sayBeside({ demo: true });
    await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(0), patience);
    await presence.windowClosed();
    expect(drawn.quits).toBe(1);
    presence.end();
  });

  it('leaves the tray when its window is open again, and ends at once without runs', async () => {
    const { owned, drawn, presence } = started();
    owned.say(1);
    await vi.waitFor(() => expect(drawn.progress.length).toBeGreaterThan(0), patience);
    await presence.windowClosed();
    expect(drawn.tray).toBeDefined();
    presence.windowOpened();
    expect(drawn.tray).toBeUndefined();
    // What only waits for a person is no work.
    owned.say(0, 4, true);
    await vi.waitFor(() => expect(drawn.progress.at(-1)).toBe(-1), patience);
    await presence.windowClosed();
    expect(drawn.quits).toBe(1);
    presence.end();
  });

  it('notifies unless its window is in front or it may not, and a click opens what the notice is about', async () => {
    const { owned, drawn, presence } = started();
    await vi.waitFor(() => expect(owned.listeners).toBe(1), patience);
    const notice = (title: string): Notice => ({ title, body: 'b', route: '/runs/run-1' });
    owned.announce(notice('first'));
    await vi.waitFor(() => expect(drawn.notified.map((each) => each.notice.title)).toEqual(['first']), patience);
    drawn.notified[0]!.click();
    expect(drawn.opened).toEqual(['/runs/run-1']);
    drawn.isFocused = true;
    owned.announce(notice('while focused'));
    await vi.waitFor(() => expect(drawn.asked).toBe(2), patience);
    drawn.isFocused = false;
    presence.isAllowed = false;
    owned.announce(notice('not allowed'));
    await vi.waitFor(() => expect(drawn.asked).toBe(3), patience);
    presence.isAllowed = true;
    owned.announce(notice('last'));
    await vi.waitFor(() => expect(drawn.notified.map((each) => each.notice.title)).toEqual(['first', 'last']), patience);
    presence.end();
  });

  it('has a mark that is round: its corners are empty and its middle is not', () => {
    const size = 32;
    const pixels = trayIcon(size);
    const alpha = (x: number, y: number) => pixels[(y * size + x) * 4 + 3];
    expect([alpha(0, 0), alpha(size - 1, size - 1), alpha(16, 16), alpha(16, 2)]).toEqual([0, 0, 255, 255]);
  });
});
