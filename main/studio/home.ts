import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The data folder: what was asked for, else AVOCET_HOME, else the platform's place for a person's data. Absolute. */
export function chooseHome(asked: string | undefined, environment: Readonly<Record<string, string | undefined>>, platform: string): string {
  const given = asked ?? environment['AVOCET_HOME'];
  if (given !== undefined && given !== '') return resolve(given);
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Avocet', 'data');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Avocet', 'data');
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'avocet');
}
