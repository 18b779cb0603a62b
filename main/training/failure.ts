import { ProblemError, toProblem } from '#contract/problem.ts';
import type { Problem } from '#contract/problem.ts';
import { DeviceError } from '#engine/device-error.ts';

const fullDisk = new Set(['ENOSPC', 'EDQUOT']);
const refusedDisk = new Set(['EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EMFILE', 'ENFILE']);
// What V8, tfjs and WebAssembly say when an allocation fails.
const memoryWords = /allocation failed|invalid (typed )?array (buffer )?length|out of memory|cannot enlarge memory|could not allocate/i;

/** Any error of a task as a problem of the kind that people can act on: memory, disk, device; the rest is internal. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof DeviceError) {
    return { kind: error.kind, code: error.code, message: error.message, values: {}, fix: error.fix };
  }
  const { code, path } = (error ?? {}) as { code?: unknown; path?: unknown };
  const where = typeof path === 'string' ? { where: path } : {};
  if (typeof code === 'string' && fullDisk.has(code)) {
    const fix = 'Free some space (Settings shows the data folder), then resume; the run continues from its last checkpoint.';
    return { kind: 'disk', code: 'disk.full', message: 'no space left on the disk of the data folder', values: {}, ...where, fix };
  }
  if (code === 'ENOENT') {
    // Of a run, or of what is being imported or read.
    const message = 'a file or folder is no longer there';
    const fix = 'Put it back in its place, or connect its disk, and begin again; a run resumes from its last checkpoint.';
    return { kind: 'disk', code: 'disk.gone', message, values: {}, ...where, fix };
  }
  if (typeof code === 'string' && refusedDisk.has(code)) {
    const fix = 'Check that this folder exists, may be written and is not full of open files, then resume.';
    return {
      kind: 'disk',
      code: 'disk.refused',
      message: `the disk refused a file: ${(error as Error).message}`,
      values: { error: code },
      ...where,
      fix,
    };
  }
  if (error instanceof Error && memoryWords.test(error.message)) {
    const fix = 'Close other programs, lower the number of runs at once in Settings, or use a smaller width or batch.';
    return { kind: 'memory', code: 'memory.allocation', message: `not enough memory: ${error.message}`, values: {}, fix };
  }
  return toProblem(error);
}
