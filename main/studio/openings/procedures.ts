/** Procedures `files.*` and `uploads.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';
import { recognise } from './recognise.ts';

const ok = { ok: true } as const;

export function openingProcedures(core: StudioCore): Pick<Router, 'files.recognise' | Extract<keyof Router, `uploads.${string}`>> {
  const { incoming } = core;
  return {
    'files.recognise': async ({ paths }) => ({ found: await recognise(core, paths) }),
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
