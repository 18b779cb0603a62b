/** Procedures `files.*` and `uploads.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';
import { following } from '../hub.ts';
import { savedPaths } from '../saved-exports.ts';
import { recognise } from './recognise.ts';

const ok = { ok: true } as const;

export function openingProcedures(core: StudioCore): Pick<Router, Extract<keyof Router, `${'files' | 'uploads'}.${string}`>> {
  const { incoming, recent, hub, store } = core;
  return {
    'files.recognise': async ({ paths }) => {
      const found = await recognise(core, paths);
      const [path, kind] = [paths[0], found[0]?.kind];
      if (paths.length === 1 && path !== undefined && kind !== undefined) recent.remember([{ path, kind, openedAt: Date.now() }]);
      return { found };
    },
    'files.recent': (_input, signal) =>
      following(
        async () => ({ files: await recent.list() }),
        (changed) => hub.subscribe('recent', changed),
        0,
        signal,
      ),
    'files.forget': ({ paths }) => {
      recent.forget(paths);
      return ok;
    },
    'files.restore': ({ paths }) => {
      recent.restore(paths);
      return ok;
    },
    'files.known': ({ path }) => {
      const written = savedPaths(store.preferences).includes(path);
      return { known: written || recent.has(path) || store.isPlaceOfRuns(path), written };
    },
    'uploads.begin': async (request) => ({ id: await incoming.begin(request) }),
    'uploads.piece': async ({ id, path, content }) => {
      await incoming.piece(id, path, content);
      return ok;
    },
    'uploads.end': async ({ id }) => ({ path: await incoming.end(id) }),
    'uploads.discard': async ({ id }) => {
      await incoming.discard(id);
      return ok;
    },
  };
}
