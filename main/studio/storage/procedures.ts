/** Procedures `storage.*` and `backups.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';
import { checkBackup, listBackups, makeBackup, removeBackup, restoreBackup } from './backups.ts';
import { formerHome, moveHome, removeFormer } from './move.ts';
import { clearCaches, planOf, purge } from './purge.ts';
import { sizesOf } from './sizes.ts';

type StorageProcedure = Extract<keyof Router, `storage.${string}` | `backups.${string}`>;

const ok = { ok: true } as const;

export function storageProcedures(core: StudioCore): Pick<Router, StorageProcedure> {
  const { hub, folders } = core;
  const told = <T>(done: T): T => {
    hub.tell('queue');
    hub.tell('status');
    return done;
  };
  return {
    'storage.sizes': () => sizesOf(core),
    'storage.trash': (rule) => planOf(core, rule, Date.now()),
    'storage.purge': async ({ items }) => told(await purge(core, items)),
    'storage.clearCaches': async () => told(await clearCaches(core)),
    'storage.move': ({ path }, signal) => moveHome(core, path, signal),
    'storage.former': () => {
      const folder = formerHome(core.askedHome, folders.home);
      return { ...(folder === undefined ? {} : { folder }), ...(core.moveFailure === undefined ? {} : { failed: core.moveFailure }) };
    },
    'storage.removeFormer': async () => {
      const folder = formerHome(core.askedHome, folders.home);
      return folder === undefined ? { bytes: 0, files: 0 } : removeFormer(folder);
    },
    'backups.list': () => ({ backups: listBackups(folders.home) }),
    'backups.make': () => makeBackup(core, Date.now()),
    'backups.remove': ({ name }) => removeBackup(folders.home, name),
    'backups.check': ({ name }) => checkBackup(core, name),
    'backups.restore': ({ name }) => {
      restoreBackup(core, name);
      core.reopen();
      return ok;
    },
  };
}
