/** Every screen in the order of the rail: name, icon, keys and its page, loaded when it is first opened. One line a screen. */
import type { Component } from 'svelte';
import type { IconName } from '#renderer/components/icons.ts';
import type { ShortcutId } from '#contract/shortcuts.ts';
import type { Screen } from '#renderer/state/route.ts';

export interface PageEntry {
  readonly screen: Screen;
  readonly icon: IconName;
  readonly shortcut: ShortcutId;
  readonly load?: () => Promise<{ default: Component }>;
}

export const pages: readonly PageEntry[] = [
  { screen: 'datasets', icon: 'dataset', shortcut: 'go.datasets', load: () => import('./DatasetsPage.svelte') },
  { screen: 'new', icon: 'plus', shortcut: 'go.new', load: () => import('./NewExperimentPage.svelte') },
  { screen: 'queue', icon: 'queue', shortcut: 'go.queue', load: () => import('./QueuePage.svelte') },
  { screen: 'runs', icon: 'runs', shortcut: 'go.runs', load: () => import('./RunsPage.svelte') },
  { screen: 'compare', icon: 'compare', shortcut: 'go.compare', load: () => import('./ComparePage.svelte') },
  { screen: 'recommendations', icon: 'recommend', shortcut: 'go.recommendations', load: () => import('./RecommendationsPage.svelte') },
  { screen: 'export', icon: 'export', shortcut: 'go.export', load: () => import('./ExportPage.svelte') },
  { screen: 'settings', icon: 'settings', shortcut: 'go.settings', load: () => import('./SettingsPage.svelte') },
  { screen: 'help', icon: 'help', shortcut: 'help', load: () => import('./HelpPage.svelte') },
];
