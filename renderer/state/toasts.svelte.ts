import type { Problem } from '#contract/problem.ts';

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  /** Takes back what the message reports. */
  readonly undo?: () => void | Promise<void>;
  readonly at: number;
}

const shownFor = 8000;
const kept = 50;

/** Short messages with Undo. They leave the corner after a while and stay in a list; the last undoable one answers Ctrl+Z. */
class Toasts {
  #all = $state.raw<readonly Toast[]>([]);
  #visible = $state.raw<readonly number[]>([]);
  #next = 1;

  get all(): readonly Toast[] {
    return this.#all;
  }

  get visible(): readonly Toast[] {
    return this.#all.filter((toast) => this.#visible.includes(toast.id));
  }

  get undoable(): Toast | undefined {
    const able = this.#all.filter((toast) => toast.undo !== undefined);
    return able[able.length - 1];
  }

  say(text: string, undo?: () => void | Promise<void>): void {
    this.#add({ text, tone: 'plain', ...(undo === undefined ? {} : { undo }) });
  }

  /** For a problem that has no place of its own on the screen. It stays until it is closed. */
  fail(problem: Problem): void {
    this.#add({ text: [problem.message, problem.fix].filter(Boolean).join(' '), tone: 'bad' });
  }

  close(id: number): void {
    this.#visible = this.#visible.filter((other) => other !== id);
  }

  async undo(toast = this.undoable): Promise<void> {
    if (toast?.undo === undefined) return;
    const { undo } = toast;
    this.#all = this.#all.filter((other) => other.id !== toast.id);
    this.close(toast.id);
    await undo();
  }

  #add(toast: Omit<Toast, 'id' | 'at'>): void {
    const id = this.#next++;
    this.#all = [...this.#all.slice(1 - kept), { ...toast, id, at: Date.now() }];
    this.#visible = [...this.#visible.slice(-3), id];
    if (toast.tone === 'plain') setTimeout(() => this.close(id), shownFor);
  }
}

export const toasts = new Toasts();
