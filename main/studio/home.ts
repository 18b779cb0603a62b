import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ProblemError } from '#contract/problem.ts';
import { systemCode, systemWords } from './system-words.ts';

/** The data folder: what was asked for, else AVOCET_HOME, else the platform's place for a person's data. Absolute. */
export function chooseHome(asked: string | undefined, environment: Readonly<Record<string, string | undefined>>, platform: string): string {
  const given = asked ?? environment['AVOCET_HOME'];
  if (given !== undefined && given !== '') return resolve(given);
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Avocet', 'data');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Avocet', 'data');
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'avocet');
}

/** In a folder whose data were moved: where they are now. */
export const movedName = 'moved.json';
const mostMoves = 20;

/**
 * Where the data of a folder lie: in it, or where they were moved to.
 * @throws ProblemError home.moved-away where they are no longer there, or nothing says where they are
 */
export function followMoves(home: string): string {
  let place = resolve(home);
  for (let moves = 0; moves < mostMoves; moves++) {
    const file = join(place, movedName);
    if (!existsSync(file)) return place;
    const to = placeIn(file);
    if (!existsSync(to))
      throw new ProblemError({
        kind: 'disk',
        code: 'home.moved-away',
        message: `The data of this folder were moved to ${to}, where nothing is now`,
        where: file,
        fix: 'Connect the disk they lie on. To begin anew in this folder, delete that file.',
      });
    place = resolve(to);
  }
  return place;
}

/** @throws ProblemError home.moved-away where the file does not say */
function placeIn(file: string): string {
  try {
    const { to } = JSON.parse(readFileSync(file, 'utf8')) as { to?: unknown };
    if (typeof to === 'string') return to;
  } catch {
    // Told like a file that says nothing.
  }
  throw new ProblemError({
    kind: 'disk',
    code: 'home.moved-away',
    message: 'The data of this folder were moved, and the file that says where to cannot be read',
    where: file,
    fix: 'Open the folder they lie in by its own path. To begin anew in this folder, delete that file.',
  });
}

/**
 * Makes the data folder where it is missing, one folder after the other (Node's own recursive mkdir never ends under /proc), and looks
 * whether it can be written.
 * @throws ProblemError home.not-a-folder, home.unusable
 */
export function prepareHome(home: string): void {
  const missing: string[] = [];
  let place = home;
  for (; !isFolder(place, home); place = dirname(place)) missing.unshift(place);
  for (const folder of missing) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Made meanwhile by another Avocet that starts on the same folder.
      if (systemCode(error) === 'EEXIST' && isFolder(folder, home)) continue;
      // The parent is there: it takes no folders.
      const why = systemCode(error) === 'ENOENT' ? 'nothing can be made there' : systemWords(error);
      throw unusable(home, `${folder} cannot be made, ${why}`);
    }
  }
  try {
    accessSync(home, constants.W_OK);
  } catch (error) {
    throw unusable(home, `nothing can be written in it, ${systemWords(error)}`);
  }
}

/** False where nothing is there yet. */
function isFolder(path: string, home: string): boolean {
  try {
    if (statSync(path).isDirectory()) return true;
  } catch (error) {
    const code = systemCode(error);
    // Behind a file (ENOTDIR): going up finds it.
    if ((code === 'ENOENT' || code === 'ENOTDIR') && dirname(path) !== path) return false;
    throw unusable(home, `${path} cannot be looked at, ${systemWords(error)}`);
  }
  throw new ProblemError({
    kind: 'disk',
    code: 'home.not-a-folder',
    message: path === home ? 'The data folder is a file' : `The data folder cannot lie in ${path}, which is a file`,
    where: home,
    fix,
  });
}

const fix = 'Choose a folder on a local disk that you may write to (--home DIR, or AVOCET_HOME).';

function unusable(home: string, why: string): ProblemError {
  return new ProblemError({ kind: 'disk', code: 'home.unusable', message: `The data folder cannot be used: ${why}`, where: home, fix });
}
