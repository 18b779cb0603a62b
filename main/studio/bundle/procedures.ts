/** Procedures `bundles.*`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { baseName } from '#contract/file-name.ts';
import type { Router } from '#contract/link.ts';
import type { ComparisonSource } from '../compared-run.ts';
import type { StudioCore } from '../core.ts';
import { writeArchive } from './archive.ts';
import { gather } from './gather.ts';
import { verifyBundle } from './verify.ts';

export function bundleProcedures(core: StudioCore, source: ComparisonSource): Pick<Router, 'bundles.save' | 'bundles.verify'> {
  return {
    'bundles.save': async ({ scope, path }) => {
      const gathered = gather(core, source, scope);
      const { title, tables, omitted } = gathered;
      const runs = gathered.runs.map(({ summary }) => summary.id);
      const folder = join(core.folders.home, 'bundles');
      if (path === undefined) await mkdir(folder, { recursive: true });
      const target = path ?? join(folder, `${baseName(title)}.zip`);
      const job = core.jobs.begin(`Bundling ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`);
      try {
        const about = { format: 'avocet-bundle', version: 1, title, createdAt: Date.now(), program: `Avocet ${core.version}` } as const;
        const written = await writeArchive(target, gathered.entries(), { ...about, runs, tables: [...tables], omitted: [...omitted] });
        return { path: target, ...written, runs: runs.length };
      } finally {
        job.end();
      }
    },
    'bundles.verify': async ({ path }) => {
      const found = await verifyBundle(path);
      core.recent.remember([{ path, kind: 'bundle', openedAt: Date.now() }]);
      return found;
    },
  };
}
