/** Disks that a test cannot have: one that is read-only to root as well, one that is full. */
import type * as Fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { toProblem } from '#contract/problem.ts';
import { tryLock } from '#store/lock.ts';
import { prepareHome } from '#studio/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-refusing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof Fs>()),
  accessSync: () => {
    throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
  },
}));
vi.mock('better-sqlite3', () => ({
  default: class {
    exec() {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    }
    close() {}
  },
}));

function problemOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    return toProblem(error);
  }
  return undefined;
}

describe('a data folder', () => {
  it('on a disk that is read-only is refused in words, before anything in it is opened', () => {
    expect(problemOf(() => prepareHome(folder))).toMatchObject({
      code: 'home.unusable',
      where: folder,
      message: 'The data folder cannot be used: nothing can be written in it, its file system is read-only',
    });
  });

  it('on a disk that is full says that space is what it needs', () => {
    const problem = problemOf(() => tryLock(join(folder, 'owner.lock')));
    expect(problem).toMatchObject({ code: 'home.unusable', fix: expect.stringMatching(/^Free some space/) as string });
  });
});
