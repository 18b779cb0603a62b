import { describe, expect, it } from 'vitest';
import { hostCalls, parseHostCommand, type HostCall } from '#contract/host.ts';
import * as v from 'valibot';
import { href, linkTo, parseRoute } from '#renderer/state/route.ts';
import { deepLinkRoute } from '../../../main/desktop/deep-link.ts';
import { isAllowedExternal } from '../../../main/desktop/external-links.ts';
import { openedPath } from '../../../main/desktop/opened-path.ts';
import { RevealablePaths } from '../../../main/desktop/revealable-paths.ts';
import { isOurPage } from '../../../main/desktop/sender.ts';
import { WaitingCommand } from '../../../main/desktop/waiting-command.ts';

describe('what may open in the browser', () => {
  it.each(['https://arxiv.org/abs/2002.02126', 'https://doi.org/10.1145/3397271'])('%s', (address) => {
    expect(isAllowedExternal(address)).toBe(true);
  });

  it.each([
    'http://arxiv.org/abs/1',
    'https://arxiv.org.evil.example/abs/1',
    'https://arxiv.org@evil.example/',
    'https://user:pass@arxiv.org/',
    'https://arxiv.org:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not an address',
  ])('but not %s', (address) => {
    expect(isAllowedExternal(address)).toBe(false);
  });
});

describe('who may ask', () => {
  const frame = (url: string, parent: unknown = null) => ({ senderFrame: { url, parent } });

  it('is the top frame of our own page', () => {
    expect(isOurPage(frame('app://avocet/index.html#/runs'))).toBe(true);
  });

  it.each([
    ['a page of another host', frame('app://other/index.html')],
    ['a site with our name in its path', frame('https://evil.example/app://avocet/')],
    ['a host that starts like ours', frame('app://avocet.evil/index.html')],
    ['a frame inside our page', frame('app://avocet/index.html', {})],
    ['a frame that is gone', { senderFrame: null }],
  ])('is not %s', (_who, sender) => {
    expect(isOurPage(sender)).toBe(false);
  });
});

describe('what may be asked', () => {
  it.each<[HostCall, unknown]>([
    ['host.chooseFolder', { title: 7 }],
    ['host.chooseFile', { extensions: ['../etc'] }],
    ['host.saveFile', { suggestedName: '../outside.csv' }],
    ['host.saveFile', { suggestedName: 'C:\\outside.csv' }],
    ['host.reveal', {}],
    ['host.trash', { path: ['/'] }],
    ['host.copyText', { text: 1 }],
    ['host.update', { action: 'downgrade' }],
    ['host.update', {}],
  ])('%s refuses %j', (call, input) => {
    expect(v.safeParse(hostCalls[call], input).success).toBe(false);
  });

  it('shows only what lies in the data folder, was chosen, or was read or written by the studio', async () => {
    const paths = new RevealablePaths('/home/ada/Avocet', (path) =>
      Promise.resolve({ known: path === '/data/opened-before' || path === '/data/saved.tex', written: path === '/data/saved.tex' }),
    );
    for (const path of ['/home/ada/Avocet/runs/r1', '/home/ada/Avocet/..hidden', '/data/opened-before'])
      expect([path, await paths.has(path)]).toEqual([path, true]);
    for (const path of ['/home/ada/Avocet/../.ssh/id', '/home/ada/Avocet-other', 'runs/r1', '/data/export.csv'])
      expect([path, await paths.has(path)]).toEqual([path, false]);
    paths.add('/data/export.csv');
    expect(await paths.has('/data/export.csv')).toBe(true);
    await expect(paths.check('/etc/passwd')).rejects.toThrow(/neither in the data folder/);
    // Of those only what was chosen or written may go to the trash: not what was opened, nor the folder around it.
    for (const path of ['/data/export.csv', '/data/saved.tex']) await expect(paths.checkTrash(path)).resolves.toBeUndefined();
    await expect(paths.checkTrash('/data/opened-before')).rejects.toThrow(/not written by Avocet/);
    await expect(paths.checkTrash('/home/ada/Avocet/runs')).rejects.toThrow(/part of the data folder/);
    await expect(paths.checkTrash('/etc/passwd')).rejects.toThrow(/neither in the data folder/);
  });

  it('what is opened before the page is there waits for it, whatever a start without a file says, and is handed over once', () => {
    const handed: unknown[] = [];
    let isThere = false;
    const waiting = new WaitingCommand((command) => isThere && handed.push(command) > 0);
    const early = { type: 'open', path: '/data/from-the-finder' } as const;
    const later = { type: 'navigate', route: '/queue' } as const;
    waiting.take(early);
    waiting.take(undefined);
    expect(handed).toEqual([]);
    isThere = true;
    waiting.pageCame();
    waiting.pageCame();
    waiting.take(later);
    expect(handed).toEqual([early, later]);
  });

  it('a folder or file is opened from the arguments of a start, and nothing else', () => {
    expect(openedPath(['/opt/Avocet/avocet', '--no-sandbox', '/data/größe/baby'], true)).toBe('/data/größe/baby');
    expect(openedPath(['/opt/Avocet/avocet', 'avocet://queue'], true)).toBeUndefined();
    expect(openedPath(['/opt/electron', '/src/avocet', '--disable-gpu', '/data/baby'], false)).toBe('/data/baby');
    expect(openedPath(['/opt/electron', '/src/avocet'], false)).toBeUndefined();
  });
});

describe('commands to the page', () => {
  it('come from the menu or name a route', () => {
    expect(parseHostCommand({ type: 'menu', command: 'import-dataset' })).toEqual({ type: 'menu', command: 'import-dataset' });
    expect(parseHostCommand({ type: 'menu', command: 'format-disk' })).toBeUndefined();
    expect(parseHostCommand({ type: 'navigate', route: '/runs?state=running' })).toBeDefined();
    expect(parseHostCommand({ type: 'open', path: '' })).toBeUndefined();
    expect(parseHostCommand({ type: 'keys', id: 'delete-everything' })).toBeUndefined();
    expect(parseHostCommand({ type: 'navigate', route: '//evil.example' })).toBeUndefined();
    expect(parseHostCommand({ type: 'navigate', route: 'javascript:alert(1)' })).toBeUndefined();
  });

  it('deep links become routes and nothing else', () => {
    expect(deepLinkRoute(['avocet', '--flag', 'avocet://run/r-12'])).toBe('/runs/r-12');
    expect(deepLinkRoute(['avocet', 'avocet://queue'])).toBe('/queue');
    expect(deepLinkRoute(['avocet'])).toBeUndefined();
    expect(deepLinkRoute(['avocet://run/ü'])).toBe('/runs/%c3%bc');
  });

  it('a link that no screen can read leads to the page that says so', () => {
    for (const address of ['avocet://run/<script>', 'avocet:///run/1', `avocet://runs?filter=${'a'.repeat(5000)}`])
      expect([address, parseRoute(`#${deepLinkRoute([address])}`).unknown]).toEqual([address, '#/unreadable-link']);
  });

  it('the link to a view opens that view', () => {
    const places = [
      href('runs', 'r-12', { tab: 'config' }),
      href('runs', undefined, { filter: `state = failed and note ~ "it's (50 %)*!"` }),
      href('datasets', 'Kinder-Bücher ü', { item: '7' }),
      href('queue'),
    ];
    for (const place of places) {
      const link = linkTo(place, 'app://avocet/index.html', true);
      expect(parseRoute(`#${deepLinkRoute([link])}`)).toEqual(parseRoute(place));
    }
    expect(linkTo(places[0]!, '', true)).toBe('avocet://run/r-12?tab=config');
    expect(linkTo(places[3]!, 'http://127.0.0.1:1/?a=b#/runs', false)).toBe('http://127.0.0.1:1/?a=b#/queue');
    // A browser writes signs of other alphabets as they are, and a slash after what it takes for a host.
    expect(parseRoute(`#${deepLinkRoute(['avocet://runs/?filter=ü'])}`)).toEqual({ screen: 'runs', query: { filter: 'ü' } });
  });
});
