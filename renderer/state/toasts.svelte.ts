import type { Problem } from '#contract/problem.ts';
import { placedProblemText, problemText } from '#renderer/locales/problem-text.ts';
import { history, type Deed } from './history.svelte.ts';
import { attempt } from './studio.svelte.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  /** What the message reports, where it can be taken back. */
  readonly deed?: Deed;
  /** Where what it reports is seen. */
  readonly link?: { readonly text: string; readonly href: string };
  /** Where a file was written on the machine of the studio. */
  readonly path?: string;
  readonly at: number;
}

const shownFor = 8000;
const kept = 50;

/** Short messages, with Undo where what they report can be taken back. They leave the corner after a while and stay in a list. */
class Toasts {
  #all = $state.raw<readonly Toast[]>([]);
  #visible = $state.raw<readonly number[]>([]);
  #next = 1;

  get all(): readonly Toast[] {
    return this.#all;
  }

  /** What was taken back in another way (Ctrl+Z) is no longer announced as done. */
  get visible(): readonly Toast[] {
    return this.#all.filter((toast) => this.#visible.includes(toast.id) && (toast.deed === undefined || history.holds(toast.deed)));
  }

  say(text: string, undo?: () => void | Promise<void>, redo?: () => void | Promise<void>): void {
    if (undo === undefined) return this.#add({ text, tone: 'plain' });
    const deed: Deed = { label: text, undo, ...(redo === undefined ? {} : { redo }) };
    history.push(deed);
    this.#add({ text, tone: 'plain', deed });
  }

  /** A file was written where the person chose. */
  saved(text: string, path: string): void {
    this.#add({ text, tone: 'plain', path });
  }

  /** Says what is seen elsewhere. It stays until it is closed. */
  point(text: string, link: NonNullable<Toast['link']>): void {
    this.#add({ text, tone: 'bad', link });
  }

  /** For a problem that has no place of its own on the screen. It stays until it is closed. */
  fail(problem: Problem): void {
    // A line of a file is found by its number alone.
    const isLine = /:\d+$/.test(problem.where ?? '');
    this.#add({ text: isLine ? placedProblemText(problem) : problemText(problem), tone: 'bad' });
  }

  /** Does what was asked for, and says it where it failed; undefined then. For what has no place of its own for a problem. */
  async tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { value, problem } = await attempt(work);
    if (problem !== undefined) this.fail(problem);
    return value;
  }

  close(id: number): void {
    this.#visible = this.#visible.filter((other) => other !== id);
  }

  /** Whether the message still offers to take back what it reports. */
  offersUndo(toast: Toast): boolean {
    return toast.deed !== undefined && history.holds(toast.deed);
  }

  async undo(toast: Toast): Promise<void> {
    if (toast.deed === undefined) return;
    this.close(toast.id);
    await history.undo(toast.deed);
  }

  #add(toast: Omit<Toast, 'id' | 'at'>): void {
    const id = this.#next++;
    this.#all = [...this.#all.slice(1 - kept), { ...toast, id, at: Date.now() }];
    this.#visible = [...this.#visible.slice(-3), id];
    if (toast.tone === 'plain') setTimeout(() => this.close(id), shownFor);
  }
}

export const toasts = new Toasts();
