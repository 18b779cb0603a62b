/** Every setting, once: where it stands, what it is called, and what it keeps. The page, its search and the palette read this list. */
import type { Settings } from '#contract/view.ts';
import { words } from '#renderer/locales/en-settings.ts';
import { score, wordsOf } from '#renderer/state/palette.ts';

export const sections = [
  'general',
  'appearance',
  'compute',
  'storage',
  'queue',
  'notifications',
  'shortcuts',
  'language',
  'privacy',
  'updates',
  'about',
] as const;
export type Section = (typeof sections)[number];

export interface SettingEntry {
  readonly id: string;
  readonly section: Section;
  readonly label: string;
  /** Other words it is looked for by. */
  readonly also: string;
  /** What "reset" puts back; none for an action or a report. */
  readonly keys?: readonly (keyof Settings)[];
}

const entry = (section: Section, id: string, label: string, also: string, ...keys: readonly (keyof Settings)[]): SettingEntry => ({
  id,
  section,
  label,
  also,
  ...(keys.length === 0 ? {} : { keys }),
});

export const settingList: readonly SettingEntry[] = [
  entry('general', 'first-screen', words.firstScreen, 'start home open', 'firstScreen'),
  entry('language', 'language', words.language, 'locale translation english chinese 中文', 'language'),
  entry('general', 'rail', words.rail, 'sidebar collapse navigation', 'railCollapsed'),
  entry('general', 'datasets-as', words.datasetsAs, 'cards table list', 'datasetsAs', 'datasetsBy'),
  entry('appearance', 'theme', words.theme, 'dark light colours', 'theme'),
  entry('appearance', 'palette', words.palette, 'colour blind colors models deuteranopia protanopia tritanopia palette', 'palette'),
  entry('appearance', 'density', words.density, 'rows compact comfortable', 'density'),
  entry('appearance', 'motion', words.motion, 'animation reduced', 'motion'),
  entry('compute', 'device', words.device, 'gpu cpu wasm tensorflow webgpu engine', 'device'),
  entry('compute', 'speeds', words.speeds, 'measure benchmark'),
  entry('compute', 'doctor', words.probe, 'doctor driver gpu check'),
  entry('compute', 'library', words.library, 'tensorflow path', 'libraryFolder'),
  entry('queue', 'concurrency', words.concurrency, 'parallel slots gpu processor memory budget lanes', 'concurrency', 'lanes'),
  entry('notifications', 'notifications', words.notifications, 'notify announce finished failed message', 'notifications'),
  entry('queue', 'awake', words.keepAwake, 'sleep suspend power', 'keepAwake'),
  entry('storage', 'home', words.home, 'data folder path location move migrate disk'),
  entry('storage', 'sizes', words.sizes, 'disk bytes space'),
  entry('storage', 'trash', words.emptyTrash, 'purge delete free'),
  entry('storage', 'caches', words.clearCachesTitle, 'purge graphs stages'),
  entry('storage', 'backups', words.backUp, 'backup restore database copy'),
  entry('storage', 'keep-last', words.keepLast, 'checkpoint', 'keepLastCheckpoint'),
  entry('shortcuts', 'keys', words.shortcuts, 'keyboard rebind keys', 'shortcuts'),
  entry('privacy', 'privacy', words.privacyTitle, 'telemetry network account'),
  entry('privacy', 'diagnostics', words.diagnostics, 'report support log doctor'),
  entry('privacy', 'safe-mode', words.safeMode, 'restart recover own models shortcuts'),
  entry('privacy', 'crashes', words.keepCrashes, 'error report', 'keepsCrashes'),
  entry('updates', 'updates', words.checkForUpdates, 'upgrade newer version install package manager release notes'),
  entry('about', 'licences', words.licences, 'open source packages copyright'),
  entry('about', 'versions', words.versions, 'libraries release'),
];

/** What "reset" of a section puts back. */
export function keysOf(section: Section): (keyof Settings)[] {
  return settingList.flatMap((each) => (each.section === section ? (each.keys ?? []) : []));
}

/** Settings that match what is typed, best first. */
export function findSettings(query: string, list: readonly SettingEntry[] = settingList): readonly SettingEntry[] {
  const wanted = wordsOf(query);
  return list
    .map((each, order) => ({
      each,
      order,
      points: score({ label: each.label, hint: words.sections[each.section], also: each.also }, wanted),
    }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.order - b.order)
    .map(({ each }) => each);
}
