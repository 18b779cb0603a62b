/** Addresses of the screens, kept in the hash so that one bundle serves app:// and http:// alike. Pure. */
export const screens = ['datasets', 'new', 'queue', 'runs', 'compare', 'recommendations', 'export', 'settings', 'help'] as const;
export type Screen = (typeof screens)[number];

export interface Route {
  readonly screen: Screen;
  /** Dataset, run or experiment after the screen, decoded: #/runs/<id>. */
  readonly id?: string;
  /** What the page keeps in its address: tab, selected rows, scope. */
  readonly query: Readonly<Record<string, string>>;
  /** An address that leads nowhere, as it was written; the screen is then Datasets. */
  readonly unknown?: string;
}

/** Reads "#/runs/ab12?tab=config"; an empty address is Datasets, one that is none of ours says so in `unknown`. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [first = '', second = ''] = path.split('/');
  const query: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(search)) query[key] = value;
  const screen = screens.find((known) => known === first);
  if (screen === undefined) return { screen: 'datasets', query: {}, ...(path === '' ? {} : { unknown: hash }) };
  const id = decode(second);
  return id === '' ? { screen, query } : { screen, id, query };
}

/** The address of a screen: href('runs', 'ab12', { tab: 'config' }) → "#/runs/ab12?tab=config". Empty values are left out. */
export function href(screen: Screen, id?: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(key, value);
  const words = search.toString();
  const tail = words === '' ? '' : `?${words}`;
  return `#/${screen}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${tail}`;
}

/** Words of an address that ask for something once: a dialog, or a line to be led to. */
const askedOnce = ['at', 'import', 'split'];

/**
 * The address under which a screen comes back as it was left. Runs and New experiment keep their list and their form themselves: an address
 * with a filter or a dataset would set them anew.
 */
export function placeLeft({ screen, id, query }: Route): string {
  if (id === undefined && (screen === 'runs' || screen === 'new')) return href(screen);
  return href(screen, id, Object.fromEntries(Object.entries(query).filter(([key]) => !askedOnce.includes(key))));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A half-typed escape in the address bar is read as it stands.
    return part;
  }
}

/**
 * What opens a place from outside: in the desktop app its own scheme, which main/desktop/deep-link.ts reads; else `page`, the address of the
 * page, with that place.
 */
export function linkTo(hash: string, page: string, isDesktop: boolean): string {
  if (!isDesktop) return page.replace(/#.*$/, '') + hash;
  const place = hash.replace(/^#?\/?/, '').replace(/^runs\/(?=[^?])/, 'run/');
  return `avocet://${place === '' ? 'datasets' : place}`;
}
