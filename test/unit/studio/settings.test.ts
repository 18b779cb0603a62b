import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '#store/store.ts';
import { SettingsBox } from '#studio/settings.ts';
import { temporaryHome, type Home } from '../store/fixture.ts';

let home: Home;
let store: Store;
beforeEach(() => {
  home = temporaryHome();
  store = openStore(home.folder);
});
afterEach(() => {
  store.close();
  home.remove();
});

test('a value of another version costs no other setting', () => {
  const stored = { theme: 'dark', palette: 'of the future', concurrency: 3, libraryFolder: '/opt/tensorflow', unheard: true };
  store.preferences.set('settings', stored);
  const settings = new SettingsBox(store);
  expect(settings.value).toMatchObject({ theme: 'dark', palette: 'standard', concurrency: 3, libraryFolder: '/opt/tensorflow' });
  settings.set({ density: 'comfortable' });
  expect(new SettingsBox(store).value).toMatchObject({ theme: 'dark', density: 'comfortable', libraryFolder: '/opt/tensorflow' });
});

test('what is stored and holds no settings gives those of a first start', () => {
  const first = new SettingsBox(store).value;
  store.preferences.set('settings', 'torn');
  expect(new SettingsBox(store).value).toEqual(first);
});
