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
  { screen: 'new', icon: 'plus', keys: 'Ctrl+N', load: () => import('./NewExperimentPage.svelte') },
  { screen: 'queue', icon: 'queue', keys: 'Ctrl+3', load: () => import('./QueuePage.svelte') },
  { screen: 'runs', icon: 'runs', keys: 'Ctrl+4', load: () => import('./RunsPage.svelte') },
  { screen: 'compare', icon: 'compare', keys: 'Ctrl+5', load: () => import('./ComparePage.svelte') },
  { screen: 'recommendations', icon: 'recommend', keys: 'Ctrl+6', load: () => import('./RecommendationsPage.svelte') },
  { screen: 'export', icon: 'export', keys: 'Ctrl+7', load: () => import('./ExportPage.svelte') },
  { screen: 'settings', icon: 'settings', keys: 'Ctrl+,', load: () => import('./SettingsPage.svelte') },
];
