/** The help pages in the order they are listed, and which one belongs to a screen. */
import type { Route, Screen } from '#renderer/state/route.ts';

export const helpPages = [
  'start',
  'datasets',
  'new-experiment',
  'queue',
  'runs',
  'query',
  'run-detail',
  'compare',
  'statistics',
  'metrics',
  'protocol',
  'recommendations',
  'export',
  'settings',
  'models',
  'keyboard',
] as const;
export type HelpPage = (typeof helpPages)[number];

const ofScreen: Readonly<Record<Screen, HelpPage>> = {
  datasets: 'datasets',
  new: 'new-experiment',
  queue: 'queue',
  runs: 'runs',
  compare: 'compare',
  recommendations: 'recommendations',
  export: 'export',
  settings: 'settings',
  help: 'start',
};

/** The page that explains what is on the screen. */
export function pageOf({ screen, id, query }: Route): HelpPage {
  if (screen === 'runs' && id !== undefined) return 'run-detail';
  if (screen === 'compare' && query['tab'] === 'statistics') return 'statistics';
  return ofScreen[screen];
}
