import { relative, resolve, isAbsolute } from 'node:path';

/** What the studio says of a path: that it read or wrote there, or that it wrote this very file. */
export interface KnownPath {
  readonly known: boolean;
  readonly written: boolean;
}

/**
 * Paths the page may have shown in the file manager: whatever lies in the data folder, what the person chose in a dialog, and what the studio
 * says it read or wrote. It may move to the system's trash only what was chosen, or what the studio wrote: what somebody opened, and the folder
 * around it, stay.
 */
export class RevealablePaths {
  readonly #home: string;
  readonly #ask: (path: string) => Promise<KnownPath>;
  readonly #chosen = new Set<string>();

  constructor(home: string, ask: (path: string) => Promise<KnownPath>) {
    this.#home = resolve(home);
    this.#ask = ask;
  }

  add(path: string): void {
    this.#chosen.add(resolve(path));
  }

  /** True for the data folder and what lies in it. */
  isInside(path: string): boolean {
    const inside = relative(this.#home, resolve(path));
    return inside.split(/[\\/]/)[0] !== '..' && !isAbsolute(inside);
  }

  async has(path: string): Promise<boolean> {
    if (!isAbsolute(path)) return false;
    return this.#chosen.has(resolve(path)) || this.isInside(path) || (await this.#ask(path)).known;
  }

  /** @throws for a path that the page was never given */
  async check(path: string): Promise<void> {
    if (!(await this.has(path))) throw new Error(`${path} is neither in the data folder nor a place chosen in a dialog`);
  }

  /** @throws for a path that the page may not move to the system's trash */
  async checkTrash(path: string): Promise<void> {
    await this.check(path);
    if (this.isInside(path)) throw new Error(`${path} is a part of the data folder`);
    if (!this.#chosen.has(resolve(path)) && !(await this.#ask(path)).written) throw new Error(`${path} was not written by Avocet`);
  }
}
