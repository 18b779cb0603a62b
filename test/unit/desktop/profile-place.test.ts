import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { profilePlace } from '../../../main/desktop/profile-place.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-profile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('where the profile of the window goes', () => {
  it('is the data folder, made where it is missing', () => {
    const home = join(folder, 'größe', 'data');
    expect(profilePlace(home)).toBe(join(home, 'desktop'));
    expect(existsSync(join(home, 'desktop'))).toBe(true);
  });

  // Electron refuses the lock of one app where it cannot write it, and the app would end without a window.
  it.each([
    ['a file', () => (writeFileSync(join(folder, 'file'), ''), join(folder, 'file'))],
    ['a place where nothing can be made', () => '/proc/avocet'],
  ])('is a passing place where the data folder is %s, so that the app can say so', (_what, home) => {
    const place = profilePlace(home());
    expect(place.startsWith(join(tmpdir(), 'avocet-'))).toBe(true);
    expect(existsSync(place)).toBe(true);
    rmSync(place, { recursive: true });
  });
});
