import { SvelteMap } from 'svelte/reactivity';
import { href, parseRoute, placeLeft, type Route, type Screen } from './route.ts';

const lastKey = 'avocet.last-place';

/**
 * The present address. Pages read `router.route`, links are plain `<a href={href(…)}>`, verbs move. Every entry of the window's history
 * carries its place in it, counted from where the studio was entered, so that Back never leaves the studio and both are right after a reload.
 */
export class Router {
  #route = $state.raw<Route>(parseRoute(typeof location === 'undefined' ? '' : location.hash));
  #address = typeof location === 'undefined' ? '' : location.hash;
  #place = $state(0);
  /** The place of the newest entry. */
  #last = $state(0);
  /** Where each screen was last. */
  readonly #left = new SvelteMap<Screen, string>();

  constructor() {
    if (typeof window === 'undefined') return;
    this.#show(location.hash);
    const place = placeOf(history.state);
    if (place === undefined) this.#stamp(0, 0);
    else {
      this.#place = place;
      this.#last = Math.max(place, keptLast());
    }
    // A link, an address that was typed, and the browser's own buttons.
    for (const type of ['popstate', 'hashchange']) window.addEventListener(type, () => this.#arrive());
  }

  get route(): Route {
    return this.#route;
  }

  /** What the page is about, however it is shown: a screen, or one thing of it. */
  get place(): string {
    const { screen, id, query } = this.#route;
    return [screen, id, query['runs']].join('/');
  }

  get canGoBack(): boolean {
    return this.#place > 0;
  }

  get canGoForward(): boolean {
    return this.#place < this.#last;
  }

  go(screen: Screen, id?: string, query?: Readonly<Record<string, string | undefined>>): void {
    location.hash = href(screen, id, query);
  }

  /** Where the rail and the keys of a screen lead: from elsewhere to the place where it was left, from the screen itself to its first page. */
  wayTo(screen: Screen): string {
    const isThere = this.#route.screen === screen && this.#route.unknown === undefined;
    return (isThere ? undefined : this.#left.get(screen)) ?? href(screen);
  }

  goTo(screen: Screen): void {
    location.hash = this.wayTo(screen);
  }

  back(): void {
    if (this.canGoBack) history.back();
  }

  forward(): void {
    if (this.canGoForward) history.forward();
  }

  /** Another page in the place of this one, without a new entry in the history. */
  replace(address: string): void {
    history.replaceState({ place: this.#place }, '', address);
    this.#show(address);
  }

  /** Changes what the page keeps in its address without a new entry in the history; undefined removes a key. */
  replaceQuery(changes: Readonly<Record<string, string | undefined>>): void {
    const { screen, id, query } = this.#route;
    this.replace(href(screen, id, { ...query, ...changes }));
  }

  #arrive(): void {
    const place = placeOf(history.state);
    if (place !== undefined) this.#place = place;
    // The link of the page that is shown puts its own entry anew; every other one makes an entry, which ends what lay ahead.
    else if (location.hash === this.#address) this.#stamp(this.#place, this.#last);
    else this.#stamp(this.#place + 1, this.#place + 1);
    if (location.hash === this.#address) return;
    this.#show(location.hash);
  }

  #show(address: string): void {
    this.#address = location.hash;
    this.#route = parseRoute(address);
    if (this.#route.unknown === undefined) this.#left.set(this.#route.screen, placeLeft(this.#route));
  }

  #stamp(place: number, last: number): void {
    this.#place = place;
    this.#last = last;
    history.replaceState({ place }, '');
    try {
      sessionStorage.setItem(lastKey, String(last));
    } catch {
      // Without a place to keep it, only Forward is not known after a reload.
    }
  }
}

function placeOf(state: unknown): number | undefined {
  const place = typeof state === 'object' && state !== null && 'place' in state ? state.place : undefined;
  return typeof place === 'number' ? place : undefined;
}

function keptLast(): number {
  try {
    return Number(sessionStorage.getItem(lastKey) ?? 0) || 0;
  } catch {
    return 0;
  }
}

export const router = new Router();
