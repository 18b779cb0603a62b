import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { openStore, temporaryHome, type Home } from './fixture.ts';
import type { Store } from '#store/store.ts';

type Take = (store: Store, folder: string) => unknown;

function opened(begin: typeof beforeEach | typeof beforeAll, end: typeof afterEach | typeof afterAll, take: Take): void {
  let home: Home;
  let store: Store;
  begin(() => {
    home = temporaryHome();
    store = openStore(home.folder);
    take(store, home.folder);
  });
  end(() => {
    store.close();
    home.remove();
  });
}

/** Hands over a new store in a folder of its own before each test; closed and removed after it. */
export const storeForEach = (take: Take): void => opened(beforeEach, afterEach, take);

/** The same, one store for all tests of the file or group. */
export const storeForAll = (take: Take): void => opened(beforeAll, afterAll, take);
