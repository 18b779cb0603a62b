import { describe, expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { DeviceError } from '#engine/device-error.ts';
import { problemOf } from '#training/failure.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('problemOf', () => {
  it('keeps a problem as it is', () => {
    const error = new ProblemError({ kind: 'data', code: 'x', message: 'found y' });
    expect(problemOf(error)).toBe(error.problem);
  });

  it('knows a failed allocation, of V8 and of WebAssembly', () => {
    const errors = [
      thrownBy(() => new Float64Array(2 ** 52)),
      thrownBy(() => new ArrayBuffer(2 ** 52)),
      new RangeError('WebAssembly.Memory(): could not allocate memory'),
      new Error('Aborted(OOM): Cannot enlarge memory arrays'),
    ];
    for (const error of errors) expect(problemOf(error), String(error)).toMatchObject({ kind: 'memory' });
  });

  it('knows a full disk and one that refuses, with the place', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: '/data/runs/x' });
    expect(problemOf(full)).toMatchObject({ kind: 'disk', code: 'disk.full', where: '/data/runs/x' });
    const refused = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    expect(problemOf(refused)).toMatchObject({ kind: 'disk', code: 'disk.refused' });
  });

  it('says of a folder that was taken away what to do, and no letters of the system', () => {
    const gone = Object.assign(new Error("ENOENT: no such file or directory, open '/data/runs/x/last.bin'"), {
      code: 'ENOENT',
      path: '/data/runs/x/last.bin',
    });
    const problem = problemOf(gone);
    expect(problem).toMatchObject({
      kind: 'disk',
      code: 'disk.gone',
      where: '/data/runs/x/last.bin',
      fix: expect.stringMatching(/resume/) as string,
    });
    expect(problem.message).not.toMatch(/ENOENT/);
    // An import whose source is gone has neither a run nor a data folder to put back.
    expect(`${problem.message} ${problem.fix}`).not.toMatch(/of the run|data folder/);
  });

  it('takes kind, code and remedy of a device from its error', () => {
    const error = new DeviceError('device', 'tensorflow.missing', 'not found: libtensorflow_cc', 'pip install tensorflow');
    expect(problemOf(error)).toMatchObject({ kind: 'device', code: 'tensorflow.missing', fix: 'pip install tensorflow' });
  });

  it('does not dress up what it does not know', () => {
    for (const error of [new TypeError('x is not a function'), new RangeError('cut-off 60 is beyond the lists'), 'text', undefined]) {
      expect(problemOf(error).kind).toBe('internal');
    }
  });
});
