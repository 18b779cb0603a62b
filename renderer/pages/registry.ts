/** Every screen in the order of the rail: name, icon, keys and its page, loaded when it is first opened. One line a screen. */
import type { Component } from 'svelte';
import type { IconName } from '#renderer/components/icons.ts';
import type { Screen } from '#renderer/state/route.ts';

export interface PageEntry {
  readonly screen: Screen;
  readonly icon: IconName;
  readonly keys: string;
  readonly load?: () => Promise<{ default: Component }>;
}

export const pages: readonly PageEntry[] = [
  { screen: 'datasets', icon: 'dataset', keys: 'Ctrl+1', load: () => import('./DatasetsPage.svelte') },
  { screen: 'new', icon: 'plus', keys: 'Ctrl+N' },
  { screen: 'queue', icon: 'queue', keys: 'Ctrl+3' },
  { screen: 'runs', icon: 'runs', keys: 'Ctrl+4' },
  { screen: 'compare', icon: 'compare', keys: 'Ctrl+5' },
  { screen: 'export', icon: 'export', keys: 'Ctrl+6' },
  { screen: 'settings', icon: 'settings', keys: 'Ctrl+,', load: () => import('./SettingsPage.svelte') },
];
