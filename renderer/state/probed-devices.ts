import type { ParsedOutputOf } from '#contract/procedures.ts';
import { settings } from './settings.svelte.ts';
import { studio } from './studio.svelte.ts';

export type Device = ParsedOutputOf<'devices.probe'>['devices'][number];

/** What was found is asked for again after so long, or when the devices' library lies elsewhere. */
const holdsMs = 5 * 60_000;
let probed: { readonly libraryFolder: string | undefined; readonly at: number } | undefined;

/** The devices of this machine; undefined while what was found last holds. Probing keeps a core busy for a second or two. */
export async function probedDevices(): Promise<readonly Device[] | undefined> {
  const { libraryFolder } = settings.values ?? {};
  if (probed !== undefined && probed.libraryFolder === libraryFolder && Date.now() - probed.at < holdsMs) return undefined;
  probed = { libraryFolder, at: Date.now() };
  try {
    return (await studio.call('devices.probe', {})).devices;
  } catch {
    probed = undefined;
    return [];
  }
}
