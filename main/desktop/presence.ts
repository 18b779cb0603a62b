import type { BrowserWindow, MenuItemConstructorOptions } from 'electron';
import type { Notice } from '#contract/host.ts';
import type { Link } from '#contract/link.ts';
import { toProblem } from '#contract/problem.ts';
import type { Status } from '#contract/view.ts';
import type { Studio } from '#studio/studio.ts';
import { keepFollowing } from './keep-following.ts';
import { statusNow } from './under-way.ts';

/** What of Electron shows that runs go on; tests give a drawn one. */
export interface Surface {
  /** The window that is open, if any. */
  window(): Pick<BrowserWindow, 'setProgressBar' | 'isFocused'> | undefined;
  showTray(tray: { readonly tooltip: string; readonly menu: readonly MenuItemConstructorOptions[] }): void;
  hideTray(): void;
  notify(notice: Notice, onClick: () => void): void;
  /** Opens the window, or brings it forward, at a route. */
  open(route: string | undefined): void;
  /** Asks the person and resolves with the place of the button; the last one where they turn away. */
  ask(question: { readonly message: string; readonly detail: string; readonly buttons: readonly string[] }): Promise<number>;
  closeWindow(): void;
  quit(): void;
}

/** Of the work since the queue was last empty, how much is done, by time; undefined where nothing is estimated yet. */
export function shareDone(startedAt: number, now: number, timeLeft: Status['timeLeft']): number | undefined {
  if (timeLeft === undefined) return undefined;
  const elapsed = Math.max(0, now - startedAt) / 1000;
  return elapsed / Math.max(1, elapsed + timeLeft.seconds);
}

/** "2 running, 11 waiting". */
const queueWords = ({ running, waiting }: Pick<Status, 'running' | 'waiting'>): string => `${running} running, ${waiting} waiting`;

/** Runs that are under way, or will be without being told to. */
const hasRuns = ({ running, waiting, held }: Status): boolean => running > 0 || (waiting > 0 && !held);

/** Imports go on without a window as runs do; the demo is drawn again at the next start. */
const importsOf = ({ jobs }: Status): Status['jobs'] => jobs.filter(({ makes, canCancel }) => makes === 'dataset' && canCancel);

/** What goes on, in one line; what failed without a window where nothing does. */
function workWords(status: Status): string {
  const atWork = [...(hasRuns(status) ? [queueWords(status)] : []), ...importsOf(status).map(({ text }) => text)];
  return (atWork.length > 0 ? atWork : status.failedJobs.map(({ text }) => `Failed: ${text}`)).join(' · ');
}

/** What becomes of the work where the app is ended from its tray. */
function quitLabel(status: Status): string {
  const ends = importsOf(status).length > 0 ? ['the import ends'] : [];
  return ['Quit', [...(hasRuns(status) ? ['runs go on at the next start'] : []), ...ends].join(', ')].filter(Boolean).join('; ');
}

/** So long the studio has to say what is under way. */
const answerMs = 3000;

const answers = {
  background: 'Keep running in the background',
  pause: 'Pause until the next start',
  stop: 'Stop',
  quit: 'Quit',
} as const;

const aboutImports = 'An import goes on in the background alone; otherwise it ends and nothing of it is kept.';
const aboutRuns = [
  'In the background runs go on behind an icon in the tray, without a window.',
  'Paused, they go on from their last checkpoint at the next start.',
  'Stopped, running ones end with their best epoch kept, and Avocet quits when they have; waiting ones stay in the queue, on hold.',
];

/**
 * What of the studio is seen outside its window: progress on the taskbar, a tray entry while runs go on without a window, and
 * notifications unless the window is in front. Without a window and without runs and imports the app ends.
 */
export class Presence {
  readonly #surface: Surface;
  readonly #studio: Promise<Studio>;
  readonly #hold: (held: boolean) => void;
  readonly #abort = new AbortController();
  readonly #now: () => number;
  #status: Status | undefined;
  #busySince: number | undefined;
  #isTray = false;
  #hasWindow = true;
  #isAsking = false;
  /** How many failures of background work a person can have seen. */
  #seenFailures = 0;
  /** Runs end and the app with them: asked for, and the queue seen held since. */
  #stopping: 'asked' | 'held' | undefined;
  /** False keeps notifications to itself; what is on the taskbar and in the tray stays. */
  isAllowed = true;

  constructor(studio: Promise<Studio>, surface: Surface, now: () => number = Date.now) {
    this.#studio = studio;
    this.#surface = surface;
    this.#now = now;
    this.#hold = (held) => void studio.then((opened) => opened.link().call('queue.hold', { held })).catch(() => undefined);
    void studio.then((opened) => this.#follow(opened)).catch(() => undefined);
  }

  /** The last window was closed: with work under way the app stays, and says so; otherwise it ends. */
  async windowClosed(): Promise<void> {
    this.#hasWindow = false;
    this.#seenFailures = this.#status?.failedJobs.length ?? 0;
    await this.#look();
    // The last run may have ended meanwhile, and the app with it: a second quit would not wait for what is being closed.
    if (this.#hasWindow || this.#abort.signal.aborted) return;
    if (this.#status === undefined || !this.#isBusy) return this.#surface.quit();
    this.#draw();
    // Not every system shows its tray.
    this.#tell({
      title: `Avocet goes on in the background: ${workWords(this.#status)}`,
      body: 'Its icon in the tray, or starting it again, brings the window back. When nothing is left to do it ends by itself.',
      route: hasRuns(this.#status) ? '/queue' : '/datasets',
    });
  }

  /** The person quits: while runs are under way they say whether those go on in the background, wait, or end; an import goes on or ends. */
  async quit(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const answer = await this.#wish().finally(() => (this.#isAsking = false));
    if (answer === answers.background) this.#surface.closeWindow();
    else if (answer === answers.pause || answer === answers.quit) this.#surface.quit();
    else if (answer === answers.stop) await this.#stopAndQuit();
  }

  /** What is to become of the work; nobody is asked where there is none. */
  async #wish(): Promise<string | undefined> {
    await this.#look();
    const status = this.#status;
    if (status === undefined || !this.#isBusy) return answers.quit;
    const ofRuns = hasRuns(status);
    const buttons = [answers.background, ...(ofRuns ? [answers.pause, answers.stop] : [answers.quit]), 'Cancel'];
    const detail = [...(ofRuns ? aboutRuns : []), ...(importsOf(status).length > 0 ? [aboutImports] : [])].join('\n');
    return buttons[await this.#surface.ask({ message: `${workWords(status)}. Quit Avocet?`, detail, buttons })];
  }

  /** What was begun a moment ago is work too. A studio that does not answer keeps nobody from leaving: what it said last counts. */
  async #look(): Promise<void> {
    if (this.#status === undefined) return;
    let late: NodeJS.Timeout | undefined;
    const inTime = new Promise<Status | undefined>((resolve) => (late = setTimeout(() => resolve(this.#status), answerMs)));
    this.#status = await Promise.race([statusNow(this.#studio).catch(() => undefined), inTime]);
    clearTimeout(late);
  }

  /** The window stays, on the queue, until the last run has written what is kept of it. */
  async #stopAndQuit(): Promise<void> {
    this.#surface.open('/queue');
    try {
      const link = (await this.#studio).link();
      await link.call('queue.hold', { held: true });
      for await (const { running } of link.stream('queue.watch', {}, this.#abort.signal)) {
        const ids = running.filter(({ state }) => state === 'running' || state === 'preparing').map(({ id }) => id);
        if (ids.length > 0) await link.call('runs.stop', { ids, keep: true });
        break;
      }
      this.#stopping = 'asked';
      if (this.#status?.running === 0) this.#surface.quit();
    } catch (error) {
      await this.#surface.ask({ message: 'The runs were not stopped', detail: toProblem(error).message, buttons: ['Close'] });
    }
  }

  windowOpened(): void {
    this.#hasWindow = true;
    this.#draw();
  }

  end(): void {
    this.#abort.abort();
    this.#surface.hideTray();
  }

  get #isBusy(): boolean {
    return this.#status !== undefined && (hasRuns(this.#status) || importsOf(this.#status).length > 0);
  }

  /** Whether the app goes on without a window: for its work, and for a failure that nobody has seen. */
  get #stays(): boolean {
    return this.#isBusy || (this.#status?.failedJobs.length ?? 0) > this.#seenFailures;
  }

  #take(status: Status): void {
    this.#status = status;
    // Who starts the queue again meanwhile has thought better of it.
    if (this.#stopping !== undefined) this.#stopping = status.held ? 'held' : this.#stopping === 'held' ? undefined : 'asked';
    this.#busySince = this.#isBusy ? (this.#busySince ?? this.#now()) : undefined;
    this.#draw();
    if ((!this.#hasWindow && !this.#stays) || (this.#stopping === 'held' && status.running === 0)) this.#surface.quit();
  }

  #tell(notice: Notice): void {
    const isSeen = this.#surface.window()?.isFocused() === true;
    if (isSeen || !this.isAllowed) return;
    this.#surface.notify(notice, () => this.#surface.open(notice.route));
  }

  #draw(): void {
    const status = this.#status;
    const share =
      status === undefined || this.#busySince === undefined
        ? undefined
        : hasRuns(status)
          ? shareDone(this.#busySince, this.#now(), status.timeLeft)
          : importsOf(status)[0]?.fraction;
    // Below 0 nothing is shown; above 1 the bar says that something goes on, but not how far it is.
    this.#surface.window()?.setProgressBar(this.#busySince === undefined ? -1 : (share ?? 2));
    if (status === undefined || this.#hasWindow || !this.#stays) {
      if (this.#isTray) this.#surface.hideTray();
      this.#isTray = false;
      return;
    }
    this.#isTray = true;
    this.#surface.showTray({
      tooltip: `Avocet: ${workWords(status)}`,
      menu: [
        { label: workWords(status), enabled: false },
        { type: 'separator' },
        { label: 'Open Avocet', click: () => this.#surface.open(undefined) },
        { label: 'Open the queue', click: () => this.#surface.open('/queue') },
        { label: status.held ? 'Start the queue again' : 'Hold the queue', click: () => this.#hold(!status.held) },
        { type: 'separator' },
        { label: quitLabel(status), click: () => this.#surface.quit() },
      ],
    });
  }

  #follow(studio: Studio): Promise<void> {
    return keepFollowing({
      open: () => {
        const link = studio.link();
        void this.#listen(link);
        return link.stream('studio.watch', {}, this.#abort.signal);
      },
      take: (status) => this.#take(status),
      signal: this.#abort.signal,
    });
  }

  async #listen(link: Link): Promise<void> {
    try {
      for await (const notice of link.stream('studio.notices', {}, this.#abort.signal)) this.#tell(notice);
    } catch {
      // The link ended; the next one is listened to as well.
    }
  }
}
