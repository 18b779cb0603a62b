/** What depends on the front door and not on the studio: what its shell can do, opening folders, choosing folders. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { OutputOf } from '#contract/procedures.ts';

export interface Host {
  readonly capabilities: OutputOf<'studio.capabilities'>;
  /** Shows a folder or file in the system's file manager. */
  readonly open?: (path: string) => Promise<void>;
  /** The folder picker stays inside these; default: the person's own folder, where the program was started, and where data drives are usually found. */
  readonly roots?: readonly string[];
}

export const hostProcedureNames = ['studio.capabilities', 'studio.open', 'folders.list'] as const;
export type HostProcedure = (typeof hostProcedureNames)[number];

export function hostProcedures(host: Host): Pick<Router, HostProcedure> {
  const roots = [...new Set((host.roots ?? defaultRoots()).map((root) => resolve(root)))];
  return {
    'studio.capabilities': () => host.capabilities,
    'studio.open': async ({ path }) => {
      if (host.open === undefined)
        throw new ProblemError({
          kind: 'config',
          code: 'host.cannot-open',
          message: 'Folders cannot be opened from here',
          where: path,
          fix: 'Open it on the machine the studio runs on.',
        });
      await host.open(path);
      return { ok: true };
    },
    'folders.list': ({ path }) => listing(path === undefined ? roots[0]! : resolve(path), roots),
  };
}

function defaultRoots(): string[] {
  const drives = ['/data', '/mnt', '/media', '/srv'].filter((folder) => existsSync(folder));
  return [homedir(), process.cwd(), dirname(process.cwd()), ...drives];
}

async function listing(path: string, roots: readonly string[]): Promise<OutputOf<'folders.list'>> {
  if (!roots.some((root) => isWithin(root, path))) {
    throw new ProblemError({
      kind: 'config',
      code: 'folders.outside',
      message: 'This folder is outside the folders that may be shown',
      where: path,
      fix: `Choose one below ${roots.join(' or ')}, or type the path.`,
    });
  }
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    throw new ProblemError({
      kind: 'disk',
      code: 'folders.unreadable',
      message: `The folder cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      where: path,
    });
  }
  const entries = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map(async (name) => {
        const full = join(path, name);
        const found = await stat(full).catch(() => undefined);
        return found === undefined
          ? []
          : [{ name, path: full, isFolder: found.isDirectory(), bytes: found.isDirectory() ? 0 : found.size }];
      }),
  );
  const parent = dirname(path);
  return {
    path,
    ...(parent !== path && roots.some((root) => isWithin(root, parent)) ? { parent } : {}),
    roots: [...roots],
    entries: entries.flat().sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name, 'en')),
  };
}

/** True for `root` itself and whatever lies below it; a name may begin with two dots and lead nowhere. */
export function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
