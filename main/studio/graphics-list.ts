/** The graphics processors of this machine as their driver lists them: asked once, and again when somebody looks at the devices. */
import { execFile } from 'node:child_process';
import { graphicsTool } from './graphics-meter.ts';

export interface GraphicsDevice {
  /** The driver's number, in the order of the bus. */
  readonly index: number;
  readonly name: string;
  readonly totalBytes?: number;
}

/** Asks the driver; nothing where there is none. Tests give their own. */
export type ListGraphics = () => Promise<readonly GraphicsDevice[]>;

const driverMs = 10_000;

export const nvidiaList: ListGraphics = () =>
  new Promise((resolve) => {
    execFile(
      graphicsTool(),
      ['--query-gpu=index,name,memory.total', '--format=csv,noheader,nounits'],
      { timeout: driverMs, windowsHide: true },
      (error, stdout) => resolve(error === null ? allowed(listed(stdout), process.env['CUDA_VISIBLE_DEVICES']) : []),
    );
  });

/** "0, NVIDIA H100 80GB HBM3, 81559" a line; lines of other words are left out. */
export function listed(csv: string): GraphicsDevice[] {
  return csv.split('\n').flatMap((line) => {
    const parts = line.split(',').map((part) => part.trim());
    const [index = ''] = parts;
    const name = parts.slice(1, -1).join(', ');
    if (!/^\d+$/.test(index) || name === '') return [];
    const mebibytes = Number(parts[parts.length - 1]);
    return [{ index: Number(index), name, ...(mebibytes > 0 ? { totalBytes: mebibytes * 1024 ** 2 } : {}) }];
  });
}

/** Those that the person's environment leaves to this program. Written otherwise than by numbers it says nothing here. */
export function allowed(devices: readonly GraphicsDevice[], visible: string | undefined): readonly GraphicsDevice[] {
  if (visible === undefined || !/^\s*-?\d+(\s*,\s*-?\d+)*\s*$/.test(visible)) return devices;
  const numbers = visible.split(',').map(Number);
  return devices.filter(({ index }) => numbers.includes(index));
}

export class GraphicsList {
  readonly #ask: ListGraphics;
  readonly #onChange: () => void;
  #devices: readonly GraphicsDevice[] = [];
  #isAsked = false;
  #isClosed = false;
  #asking: Promise<void> | undefined;

  constructor(ask: ListGraphics, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** By their numbers; empty before the driver has answered. */
  get devices(): readonly GraphicsDevice[] {
    return this.#devices;
  }

  /** Whether the driver has answered. */
  get isKnown(): boolean {
    return this.#isAsked;
  }

  /** Asks the driver; together with whoever asked just before. */
  look(): Promise<void> {
    this.#asking ??= this.#ask()
      .catch(() => [])
      .then((devices) => {
        this.#devices = [...devices].sort((a, b) => a.index - b.index);
        this.#isAsked = true;
        this.#asking = undefined;
        if (!this.#isClosed) this.#onChange();
      });
    return this.#asking;
  }

  /** Nobody is told any more. */
  close(): void {
    this.#isClosed = true;
  }
}
