import { relative, resolve, isAbsolute } from 'node:path';

/** Paths the page may have shown in the file manager: whatever lies in the data folder, and what the person chose in a dialog. */
export class RevealablePaths {
  readonly #home: string;
  readonly #chosen = new Set<string>();

  constructor(home: string) {
    this.#home = resolve(home);
  }

  add(path: string): void {
    this.#chosen.add(resolve(path));
  }

  has(path: string): boolean {
    if (!isAbsolute(path)) return false;
    const absolute = resolve(path);
    const inside = relative(this.#home, absolute);
    return this.#chosen.has(absolute) || (inside.split(/[\\/]/)[0] !== '..' && !isAbsolute(inside));
  }
}
