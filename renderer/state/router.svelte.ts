import { href, parseRoute, type Route, type Screen } from './route.ts';

/** The present address. Pages read `router.route`, links are plain `<a href={href(…)}>`, verbs move. */
class Router {
  #route = $state.raw<Route>(parseRoute(typeof location === 'undefined' ? '' : location.hash));

  constructor() {
    if (typeof window === 'undefined') return;
    window.addEventListener('hashchange', () => {
      this.#route = parseRoute(location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(screen: Screen, id?: string, query?: Readonly<Record<string, string | undefined>>): void {
    location.hash = href(screen, id, query);
  }

  /** Changes what the page keeps in its address without a new entry in the history; undefined removes a key. */
  replaceQuery(changes: Readonly<Record<string, string | undefined>>): void {
    const { screen, id, query } = this.#route;
    const address = href(screen, id, { ...query, ...changes });
    history.replaceState(null, '', address);
    this.#route = parseRoute(address);
  }
}

export const router = new Router();
