import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { updateSettings } from '../../../main/cli/package-app.mjs';

const folder = mkdtempSync(join(tmpdir(), 'avocet-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a package', () => {
  it('names no place for updates unless the environment does, whatever tokens lie in it', () => {
    expect(updateSettings({})).toEqual({ publish: null });
    expect(updateSettings({ AVOCET_UPDATE_URL: '', GH_TOKEN: 'secret' })).toEqual({ publish: null });
  });

  it('asks the place that the environment names, with notes from a file', () => {
    const notes = join(folder, 'notes.txt');
    writeFileSync(notes, 'Faster starts\n');
    const publish = { provider: 'generic', url: 'https://updates.example.org/avocet' };
    expect(updateSettings({ AVOCET_UPDATE_URL: 'https://updates.example.org/avocet' })).toEqual({ publish });
    expect(updateSettings({ AVOCET_UPDATE_URL: 'https://updates.example.org/avocet', AVOCET_UPDATE_NOTES: notes })).toEqual({
      publish,
      releaseInfo: { releaseNotesFile: notes },
    });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['an open line', { AVOCET_UPDATE_URL: 'http://updates.example.org/avocet' }, /must begin with https:\/\//],
    ['a file', { AVOCET_UPDATE_URL: 'file:///srv/updates' }, /must begin with https:\/\//],
    ['no address', { AVOCET_UPDATE_URL: 'updates.example.org' }, /is no address/],
    ['a key that everybody would read', { AVOCET_UPDATE_URL: 'https://ada:key@updates.example.org/' }, /without user, key or query/],
    ['a query', { AVOCET_UPDATE_URL: 'https://updates.example.org/?key=1' }, /without user, key or query/],
    [
      'notes that are not there',
      { AVOCET_UPDATE_URL: 'https://updates.example.org/', AVOCET_UPDATE_NOTES: join(folder, 'none') },
      /no file is there/,
    ],
    ['notes for no place', { AVOCET_UPDATE_NOTES: join(folder, 'notes.txt') }, /name it in AVOCET_UPDATE_URL/],
  ])('is refused %s', (_what, environment, words) => {
    expect(() => updateSettings(environment)).toThrow(words);
  });

  it('is not begun with an open line: the script says why and leaves nothing', () => {
    const { status, stderr } = spawnSync(process.execPath, ['main/cli/package-app.mjs', 'dir'], {
      encoding: 'utf8',
      env: { ...process.env, AVOCET_UPDATE_URL: 'http://updates.example.org/avocet' },
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('avocet: AVOCET_UPDATE_URL must begin with https://')]);
  });
});
