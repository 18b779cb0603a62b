import { tick, untrack } from 'svelte';
import { giveFocusBack } from './focus-back.ts';
import { settings } from './settings.svelte.ts';

const narrow = 1100;
/** In a window no wider than this, drawers lie over the page and take nothing from it. */
const small = 760;

/** What the frame remembers: rail, palette. The rail's state is kept in Settings once the person changes it. */
class Shell {
  #collapsed = $state<boolean | undefined>();
  #width = $state(typeof window === 'undefined' ? 1440 : window.innerWidth);
  #height = $state(typeof window === 'undefined' ? 900 : window.innerHeight);
  #helpWidth = $state(0);
  #palette = $state(false);
  #shortcuts = $state(false);
  #explaining = $state(false);
  #dialogs = $state(0);

  constructor() {
    if (typeof window === 'undefined') return;
    window.addEventListener('resize', () => {
      this.#width = window.innerWidth;
      this.#height = window.innerHeight;
    });
  }

  get isRailCollapsed(): boolean {
    return this.#collapsed ?? this.#width < narrow;
  }

  /** Three-column pages become tabs below this width. */
  get isNarrow(): boolean {
    return this.width < narrow;
  }

  /** Of the window, in px, without what Help takes beside the page: how wide a page may think the window is. */
  get width(): number {
    return this.#width > small ? this.#width - this.#helpWidth : this.#width;
  }

  /** Help opened beside the page, this wide, or closed (0). */
  giveHelp(width: number): void {
    this.#helpWidth = width;
  }

  get height(): number {
    return this.#height;
  }

  get isPaletteOpen(): boolean {
    return this.#palette;
  }

  set isPaletteOpen(open: boolean) {
    this.#palette = open;
  }

  /** True while a dialog is in front: what lies behind it can neither be reached nor read, so that a name stands for one thing. */
  get isBehindDialog(): boolean {
    return this.#dialogs > 0;
  }

  /**
   * A dialog is about to open; call it before the dialog takes the focus. The function returned tells that it closed: the focus then
   * goes back to where it was, once that place can take it again.
   */
  comeBehindDialog(): () => void {
    const before = document.activeElement;
    // Called from effects that must not run again when another dialog opens.
    untrack(() => this.#dialogs++);
    return () => {
      this.#dialogs--;
      void tick().then(() => giveFocusBack(before));
    };
  }

  openPalette(): void {
    this.#palette = true;
  }

  get areShortcutsOpen(): boolean {
    return this.#shortcuts;
  }

  set areShortcutsOpen(open: boolean) {
    this.#shortcuts = open;
  }

  openShortcuts(): void {
    this.#shortcuts = true;
  }

  /** A walk through the explanations of what is shown, by keys. */
  get isExplaining(): boolean {
    return this.#explaining;
  }

  set isExplaining(on: boolean) {
    this.#explaining = on;
  }

  /** As remembered by Settings; a window that is narrow anyway stays collapsed. */
  restoreRail(collapsed: boolean): void {
    if (collapsed) this.#collapsed = true;
  }

  toggleRail(): void {
    const next = !this.isRailCollapsed;
    this.#collapsed = next;
    void settings.set({ railCollapsed: next });
  }
}

export const shell = new Shell();
