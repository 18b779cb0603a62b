import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '#contract/page-policy.ts';
import { pageFile } from '../../../main/desktop/page-files.ts';

const folder = '/opt/avocet/out/renderer';

describe('app:// addresses', () => {
  it('name files of the bundle', () => {
    expect(pageFile('app://avocet/', folder)).toEqual({ path: `${folder}/index.html`, type: 'text/html; charset=utf-8' });
    expect(pageFile('app://avocet/index.html#/runs', folder)?.path).toBe(`${folder}/index.html`);
    expect(pageFile('app://avocet/assets/app-1.js?x=1', folder)).toEqual({
      path: `${folder}/assets/app-1.js`,
      type: 'text/javascript; charset=utf-8',
    });
  });

  it.each([
    ['another host', 'app://elsewhere/index.html'],
    ['another scheme', 'file:///opt/avocet/out/renderer/index.html'],
    ['a climb in escapes', 'app://avocet/%2e%2e%2f%2e%2e%2fmain/desktop.cjs'],
    ['a climb with backslashes in escapes', 'app://avocet/..%2f..%2f..%2fetc/passwd.html'],
    ['a null byte', 'app://avocet/index.html%00.js'],
    ['a broken escape', 'app://avocet/%zz.html'],
    ['a type the page never loads', 'app://avocet/secret.sqlite'],
    ['no address at all', 'index.html'],
  ])('are refused for %s', (_what, address) => {
    expect(pageFile(address, folder)).toBeUndefined();
  });
});

describe('the content policy', () => {
  const directives = new Map(contentSecurityPolicy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]));

  it('starts from nothing and never lets scripts be written inline or made from text', () => {
    expect(directives.get('default-src')).toEqual([`'none'`]);
    expect(directives.get('script-src')).toEqual([`'self'`]);
    expect(contentSecurityPolicy).not.toMatch(/unsafe-eval|https?:|\*/);
  });

  it('forbids frames, forms and a moved base', () => {
    for (const name of ['frame-ancestors', 'form-action', 'base-uri', 'object-src']) expect(directives.get(name)).toEqual([`'none'`]);
  });
});
