import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { exportProcedures } from '#studio/exports.ts';
import { Hub } from '#studio/hub.ts';
import { Jobs } from '#studio/jobs.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-exporting-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('exports count as under way while they are written, and no longer, also where they fail', async () => {
  const jobs = new Jobs(new Hub());
  const exports = exportProcedures({} as never, { preferences: { get: () => undefined, set: () => undefined } as never, jobs });
  const path = join(folder, 'figure.svg');
  const writing = exports['exports.figure']({ path, content: new Uint8Array([60, 62]) } as never);
  expect(jobs.exports).toBe(1);
  await writing;
  expect([jobs.exports, readFileSync(path, 'utf8')]).toEqual([0, '<>']);
  // They are too short for a line in the status bar.
  expect(jobs.list).toEqual([]);
  await expect(jobs.exporting(() => Promise.reject(new Error('no space')))).rejects.toThrow('no space');
  expect(jobs.exports).toBe(0);
});
