import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { UpdateWay } from '#contract/updates.ts';

export interface UpdatePlace {
  readonly way: UpdateWay;
  /** The host that is asked; none where there is nowhere to ask. */
  readonly place?: string;
  /** Who may have signed what is installed on Windows. */
  readonly publishers: readonly string[];
}

export const nowhere: UpdatePlace = { way: 'nowhere', publishers: [] };

/**
 * Where this build asks for newer versions and how they come onto the machine, by the file that packaging writes beside the program
 * (main/cli/package-app.mjs). Only a build for Windows or macOS installs by itself: there the system checks who signed. electron-updater would
 * skip that check on Windows where the file names no publisher, so such a build installs nothing.
 */
export function updatePlace(file: string, platform: string): UpdatePlace {
  const { provider, url, publisherName } = read(file);
  const place = provider === 'generic' && typeof url === 'string' ? secureHost(url) : undefined;
  if (place === undefined) return nowhere;
  const publishers = [publisherName].flat().filter((name): name is string => typeof name === 'string' && name !== '');
  if (platform === 'darwin' || (platform === 'win32' && publishers.length > 0)) return { way: 'studio', place, publishers };
  return { way: platform === 'win32' ? 'unsigned' : 'packages', place, publishers };
}

function read(file: string): { readonly provider?: unknown; readonly url?: unknown; readonly publisherName?: unknown } {
  try {
    return (parse(readFileSync(file, 'utf8')) ?? {}) as object;
  } catch {
    return {};
  }
}

function secureHost(address: string): string | undefined {
  try {
    const { protocol, host } = new URL(address);
    return protocol === 'https:' ? host : undefined;
  } catch {
    return undefined;
  }
}
