import { tensorboard } from './formats/tensorboard.ts';
import type { LogFormat } from './log-format.ts';

/** Every tool whose files are read. A place may hold those of several. */
export const logFormats: readonly LogFormat[] = [tensorboard];
