/** Every screen in the order of the rail: name, icon, keys and its page, loaded when it is first opened. One line a screen. */
import type { Component } from 'svelte';
import type { IconName } from '#renderer/components/icons.ts';
import type { ShortcutId } from '#contract/shortcuts.ts';
import { programPart } from '#renderer/state/program-part.ts';
import type { Screen } from '#renderer/state/route.ts';

interface PageModule {
  readonly default: Component;
}

export interface PageEntry {
  readonly screen: Screen;
  readonly icon: IconName;
  readonly shortcut: ShortcutId;
  readonly load?: () => Promise<PageModule>;
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

/** Pages opened before. They are there at once: a promise would show a frame of grey bars in between. */
const opened = new Map<Screen, PageModule>();

/** The page of a screen, or the promise of one that is opened for the first time. */
export function pageOf(screen: Screen): PageModule | Promise<PageModule> | undefined {
  const known = opened.get(screen);
  if (known !== undefined) return known;
  const load = pages.find((entry) => entry.screen === screen)?.load;
  const loading = load && programPart(load);
  // Whoever awaits it says what went wrong.
  loading?.then(
    (module) => opened.set(screen, module),
    () => undefined,
  );
  return loading;
}
