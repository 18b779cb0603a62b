/** What the desktop does with files of the person's own system: shows them in its file manager, moves them to its trash. */
import type { Problem } from '#contract/problem.ts';
import type { IconEntry } from '#renderer/components/menu-entry.ts';
import { studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** Where the page stands before the machine of the studio. A browser may stand elsewhere. */
export const showsFolders = (): boolean => studio.capabilities?.revealInFolder === true && window.avocet !== undefined;

/** Says why where it is not shown. */
export async function showInFolder(path: string): Promise<void> {
  try {
    await window.avocet?.reveal(path);
  } catch (error) {
    toasts.fail(refused(error, path));
  }
}

/** Of a menu: none where folders are not shown, or there is nothing to show. */
export function folderEntries(path: string | undefined, label = 'Show in folder'): readonly IconEntry[] {
  return path === undefined || !showsFolders() ? [] : [{ label, icon: 'folder', run: () => void showInFolder(path) }];
}

/** To the system's own trash; the way back is there as well. Whether it went. */
export async function moveToSystemTrash(path: string): Promise<boolean> {
  try {
    await window.avocet?.trash(path);
    toasts.say(`Moved ${path} to the system’s trash; it is put back from there`);
    return true;
  } catch (error) {
    toasts.fail(refused(error, path));
    return false;
  }
}

/** The host says in words why: the file is gone, or was never given to the page. */
function refused(error: unknown, path: string): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'disk', code: 'files.refused', message, where: path, values: {} };
}
