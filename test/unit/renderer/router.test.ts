import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Router } from '#renderer/state/router.svelte.ts';

/** The history of one tab, as a browser keeps it: entries with an address and a state, events after each arrival. */
class Tab extends EventTarget {
  entries: { hash: string; state: unknown }[] = [{ hash: '', state: null }];
  at = 0;
  readonly #kept = new Map<string, string>();
  readonly sessionStorage = {
    getItem: (key: string) => this.#kept.get(key) ?? null,
    setItem: (key: string, value: string) => void this.#kept.set(key, value),
  };
  readonly location = Object.defineProperty({ hash: '' }, 'hash', {
    get: () => this.entries[this.at]!.hash,
    set: (hash: string) => this.follow(hash),
  });
  readonly history = {
    replaceState: (state: unknown, _title: string, hash?: string) => {
      this.entries[this.at] = { hash: hash ?? this.entries[this.at]!.hash, state };
    },
    back: () => this.move(-1),
    forward: () => this.move(1),
  };
  get state(): unknown {
    return this.entries[this.at]!.state;
  }

  follow(hash: string): void {
    if (hash === this.location.hash) this.entries[this.at] = { hash, state: null };
    else this.entries = [...this.entries.slice(0, ++this.at), { hash, state: null }];
    this.#say();
  }

  move(step: number): void {
    if (this.entries[this.at + step] === undefined) return;
    this.at += step;
    this.#say();
  }

  #say(): void {
    this.dispatchEvent(new Event('popstate'));
    this.dispatchEvent(new Event('hashchange'));
  }
}

let tab: Tab;
const shown = (router: Router) => [router.route.screen, router.canGoBack, router.canGoForward];

beforeEach(() => {
  tab = new Tab();
  Object.defineProperty(tab.history, 'state', { get: () => tab.state });
  for (const name of ['location', 'history', 'sessionStorage'] as const) vi.stubGlobal(name, tab[name]);
  vi.stubGlobal('window', tab);
});
afterEach(() => vi.unstubAllGlobals());

describe('the places of the window', () => {
  it('begin where the studio was entered, and nothing before it is gone back to', () => {
    tab.entries = [
      { hash: '', state: null },
      { hash: '#/runs', state: null },
    ];
    tab.at = 1;
    const router = new Router();
    expect(shown(router)).toEqual(['runs', false, false]);
    router.back();
    expect(tab.at).toBe(1);
  });

  it('are gone back and forward through, and a new one ends what lay ahead', () => {
    const router = new Router();
    router.go('runs');
    tab.follow('#/queue');
    expect(shown(router)).toEqual(['queue', true, false]);
    router.back();
    expect(shown(router)).toEqual(['runs', true, true]);
    router.back();
    expect(shown(router)).toEqual(['datasets', false, true]);
    router.forward();
    expect(shown(router)).toEqual(['runs', true, true]);
    router.go('export');
    expect(shown(router)).toEqual(['export', true, false]);
    router.forward();
    expect(shown(router)).toEqual(['export', true, false]);
  });

  it('stay in step with the buttons of the browser, also where they leap', () => {
    const router = new Router();
    for (const screen of ['runs', 'queue', 'compare'] as const) router.go(screen);
    tab.move(-3);
    expect(shown(router)).toEqual(['datasets', false, true]);
    tab.move(2);
    expect(shown(router)).toEqual(['queue', true, true]);
  });

  it('are the same ones after what a page keeps in its address, and after the link of the page that is shown', () => {
    const router = new Router();
    router.go('runs');
    router.go('queue');
    router.back();
    router.replaceQuery({ tab: 'config' });
    expect([...shown(router), router.route.query]).toEqual(['runs', true, true, { tab: 'config' }]);
    tab.follow('#/runs?tab=config');
    expect(shown(router)).toEqual(['runs', true, true]);
    router.back();
    router.forward();
    expect([...shown(router), router.route.query]).toEqual(['runs', true, true, { tab: 'config' }]);
  });

  it('are known again after a reload, in the middle and at the end', () => {
    const before = new Router();
    for (const screen of ['runs', 'queue', 'compare'] as const) before.go(screen);
    expect(shown(new Router())).toEqual(['compare', true, false]);
    before.back();
    before.back();
    expect(shown(new Router())).toEqual(['runs', true, true]);
  });

  it('are begun anew by another page in the place of the first, which is none to go back to', () => {
    const router = new Router();
    router.replace('#/runs');
    expect([...shown(router), tab.entries.length]).toEqual(['runs', false, false, 1]);
  });
});

describe('a screen', () => {
  it('is led to where it was left, and from itself to its first page', () => {
    const router = new Router();
    router.go('compare', 'e1', { tab: 'curves' });
    expect(router.wayTo('compare')).toBe('#/compare');
    router.go('queue');
    expect(router.wayTo('compare')).toBe('#/compare/e1?tab=curves');
    router.goTo('compare');
    expect(router.route).toEqual({ screen: 'compare', id: 'e1', query: { tab: 'curves' } });
    router.replaceQuery({ tab: 'statistics' });
    router.goTo('queue');
    router.goTo('compare');
    expect(router.route.query).toEqual({ tab: 'statistics' });
    router.goTo('compare');
    expect(router.route).toEqual({ screen: 'compare', query: {} });
    router.goTo('queue');
    expect(router.wayTo('compare')).toBe('#/compare');
  });

  it('is left from where the window was entered, and by nothing that is no page', () => {
    tab.entries = [{ hash: '#/settings/storage', state: null }];
    const router = new Router();
    router.goTo('runs');
    expect(router.wayTo('settings')).toBe('#/settings/storage');
    tab.location.hash = '#/nowhere';
    expect(router.wayTo('datasets')).toBe('#/datasets');
    expect(router.wayTo('settings')).toBe('#/settings/storage');
  });
});
