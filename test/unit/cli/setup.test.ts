import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alone, missingPackages } from '../../../main/cli/setup.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-setup-'));
  mkdirSync(join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, packages: object) => writeFileSync(join(folder, file), JSON.stringify({ packages }));

describe('what is installed', () => {
  it('is complete when every package of the lock file is there in its version, optional ones of other systems aside', () => {
    write('package-lock.json', {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/win': { version: '2.0.0', optional: true },
    });
    write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
    expect(missingPackages(folder)).toBeUndefined();
  });

  it('names the first package that is missing or of another version', () => {
    write('package-lock.json', { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/a/node_modules/b': { version: '3.0.0' } });
    expect(missingPackages(folder)).toBe('the packages are not installed');
    write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
    expect(missingPackages(folder)).toBe('b 3.0.0 is not installed');
    write('node_modules/.package-lock.json', { 'node_modules/a': { version: '0.9.0' } });
    expect(missingPackages(folder)).toBe('a is 0.9.0, package-lock.json asks for 1.0.0');
  });
});

describe('one thing at a time', () => {
  it('lets the second wait for the first', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const name = `test-${process.pid}`;
    const first = alone(name, async () => {
      order.push('first in');
      await held;
      order.push('first out');
    });
    const second = alone(name, async () => void order.push('second in'));
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first in', 'first out', 'second in']);
  });
});
