import { relative, resolve, isAbsolute } from 'node:path';

/**
 * Paths the page may have shown in the file manager: whatever lies in the data folder, what the person chose in a dialog, and what the studio
 * says it read or wrote.
 */
export class RevealablePaths {
  readonly #home: string;
  readonly #isKnown: (path: string) => Promise<boolean>;
  readonly #chosen = new Set<string>();

  constructor(home: string, isKnown: (path: string) => Promise<boolean> = () => Promise.resolve(false)) {
    this.#home = resolve(home);
    this.#isKnown = isKnown;
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
    return this.#chosen.has(resolve(path)) || this.isInside(path) || (await this.#isKnown(path));
  }

  /** @throws for a path that the page was never given */
  async check(path: string): Promise<void> {
    if (!(await this.has(path))) throw new Error(`${path} is neither in the data folder nor a place chosen in a dialog`);
  }
}
