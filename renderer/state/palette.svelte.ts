import { heard } from '#renderer/locales/language.svelte.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { ParsedOutputOf } from '#contract/procedures.ts';
import type { RunSummary } from '#contract/run.ts';
import type { RunsQuery } from '#contract/view.ts';
import { en } from '#renderer/locales/en.ts';
import { counted } from '#renderer/locales/format.ts';
import { words as settingsWords } from '#renderer/locales/en-settings.ts';
import { pages } from '#renderer/pages/registry.ts';
import { settingList } from '#renderer/pages/settings/catalogue.ts';
import { excerpt, findPlaces } from '#renderer/help/search.ts';
import { appCommands } from './app-commands.ts';
import { commands, type Command } from './commands.svelte.ts';
import { lastPart } from './dropped-files.ts';
import { help } from './help.svelte.ts';
import { opening } from './opening.svelte.ts';
import { recentFiles } from './recent-files.svelte.ts';
import { filterMeant, modelsMeant, namesFirst, search, wordsOf, type PaletteEntry, type PaletteGroup } from './palette.ts';
import { router } from './router.svelte.ts';
import { keyboard } from './shortcuts.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';

type Dataset = ParsedOutputOf<'datasets.list'>['datasets'][number];

const withKeys = (command: Command): PaletteEntry => ({ ...command, keys: command.shortcut && keyboard.hint(command.shortcut) });

const askAfterMs = 80;

/** Sources of the palette: commands of the shell and the page, runs from the studio, datasets, models and their settings. */
export class PaletteState {
  query = $state('');
  /** Undefined: everything. */
  scope = $state<string | undefined>();
  #runs = $state.raw<readonly RunSummary[]>([]);
  #matchedRuns = $state(0);
  #isNameFirst = $state(false);
  /** What is typed as a filter, and how many runs it matches. */
  #filter = $state.raw<{ readonly text: string; readonly runs: number; readonly words: string } | undefined>();
  #datasets = $state.raw<readonly Dataset[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** "> commands" and "# tags" at the start of what is typed narrow the search. */
  readonly words = $derived(this.query.replace(/^[>#]\s*/, ''));

  // Of every setting of every model there are some thousand entries: they are made when the cards come, not with every key.
  readonly #models: readonly PaletteEntry[] = $derived([
    ...help.cards.map((card) => this.#modelEntry(card)),
    ...help.cards.flatMap((card) => this.#settingEntries(card)),
  ]);
  readonly #commands: readonly PaletteEntry[] = $derived(this.#commandEntries());

  readonly groups = $derived.by((): PaletteGroup[] => {
    const onlyCommands = this.query.startsWith('>');
    const onlyRuns = this.query.startsWith('#');
    const all: PaletteGroup[] = [
      { id: 'commands', title: en.palette.commands, entries: [...this.#filterEntries(), ...this.#commands] },
      {
        id: 'runs',
        title: en.palette.runs,
        isFiltered: true,
        note: `${this.#matchedRuns}, ${this.#isNameFirst ? en.palette.namesFirst : en.palette.newest}`,
        entries: namesFirst(
          this.#runs.map((run) => this.#runEntry(run)),
          this.query.startsWith('#') ? [] : wordsOf(this.words),
        ),
      },
      { id: 'datasets', title: en.palette.datasets, entries: this.#datasets.map((dataset) => this.#datasetEntry(dataset)) },
      { id: 'models', title: en.palette.models, entries: this.#models },
    ];
    all.push(this.#helpGroup());
    const chosen = all.filter((group) => {
      if (onlyCommands) return group.id === 'commands';
      if (onlyRuns) return group.id === 'runs';
      return this.scope === undefined || group.id === this.scope;
    });
    return search(chosen, this.words, chosen.length === 1 ? 30 : 6);
  });

  async load(): Promise<void> {
    // The models come with the pages of help.
    void help.load();
    const { value } = await attempt(() => studio.call('datasets.list', {}));
    this.#datasets = value?.datasets ?? [];
    void recentFiles.look();
  }

  /** Asks the studio for runs a moment after the last key. Returns the clean-up. */
  askRuns(): () => void {
    const { query: typed, words } = this;
    const tags = typed.startsWith('#') && words !== '' ? [words] : [];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      // Every run by itself: a palette opens one, and the seeds of a configuration are different runs.
      const ask = (query: RunsQuery) => attempt(() => studio.call('runs.page', { ...query, collapse: false, limit: 30 }));
      const meant = tags.length > 0 ? { models: [], rest: '' } : modelsMeant(words, help.cards);
      // Runs of a model that is named, however many newer ones only carry its name in that of their experiment.
      const filter = typed.startsWith('#') || typed.startsWith('>') ? undefined : filterMeant(words, help.cards);
      const [all, named, filtered] = await Promise.all([
        ask({ search: tags.length > 0 ? '' : words, tags }),
        meant.models.length > 0 ? ask({ search: meant.rest, models: [...meant.models] }) : undefined,
        filter === undefined ? undefined : attempt(() => studio.call('runs.page', { filter, limit: 1 })),
      ]);
      if (all.value === undefined || typed !== this.query) return;
      // A field that no run has is no filter, and a name that no run has leads to the model or setting so called.
      const count = filtered?.value?.totalRuns;
      const isOffered = count !== undefined && (count > 0 || filter === words.trim());
      this.#filter = filter !== undefined && isOffered ? { text: filter, runs: count, words } : undefined;
      const first = named?.value?.rows.flatMap((row) => row.runs) ?? [];
      const seen = new Set(first.map((run) => run.id));
      this.#runs = [...first, ...all.value.rows.flatMap((row) => row.runs).filter((run) => !seen.has(run.id))];
      this.#matchedRuns = all.value.totalRuns;
      this.#isNameFirst = words !== '' && tags.length === 0;
    }, askAfterMs);
    return () => clearTimeout(this.#timer);
  }

  #filterEntries(): PaletteEntry[] {
    if (this.#filter === undefined) return [];
    const { text, runs, words } = this.#filter;
    return [
      {
        id: 'filter-runs',
        label: `Filter runs: ${text}`,
        hint: counted(runs, 'run'),
        // Found by what was typed, as by what it means.
        also: words,
        icon: 'filter',
        run: () => router.go('runs', undefined, { filter: text }),
      },
    ];
  }

  #commandEntries(): PaletteEntry[] {
    const screens = pages.map((page) => ({
      id: `go-${page.screen}`,
      label: en.screens[page.screen],
      hint: 'screen',
      keys: keyboard.hint(page.shortcut),
      icon: page.icon,
      run: () => router.goTo(page.screen),
    }));
    return [
      ...commands.all.map(withKeys),
      ...appCommands()
        .filter(({ id }) => id !== 'command-palette' && id !== 'show-settings' && id !== 'new-experiment')
        .map(withKeys),
      ...screens,
      ...(recentFiles.files ?? [])
        .filter(({ isThere }) => isThere)
        .map(({ path }) => ({
          id: `open-${path}`,
          label: en.commands.openAgain(lastPart(path)),
          hint: path,
          icon: 'folder' as const,
          run: () => void opening.open([path]),
        })),
      ...settingList.map((entry) => ({
        id: `set-${entry.id}`,
        label: entry.label,
        hint: `Settings, ${settingsWords.sections[entry.section]}`,
        also: entry.also,
        icon: 'settings' as const,
        run: () => router.go('settings', entry.section, { at: entry.id }),
      })),
    ];
  }

  /** Help is searched whole, term by term; without words its pages are listed. */
  #helpGroup(): PaletteGroup {
    const words = wordsOf(this.words);
    const places = words.length === 0 ? help.places.filter(({ kind, page }) => kind === 'page' && !page.startsWith('model-')) : help.places;
    const found = words.length === 0 ? places : findPlaces(places, words, 30);
    return {
      id: 'help',
      title: en.palette.help,
      isFiltered: true,
      note: String(found.length),
      entries: found.map((place) => ({
        id: `help-${place.id}`,
        label: place.title,
        hint: [place.context, excerpt(place.text, words)].filter(Boolean).join(' · '),
        icon: 'help' as const,
        run: () => help.show(place.page, place.at),
      })),
    };
  }

  #runEntry(run: RunSummary): PaletteEntry {
    const at = run.sentence.indexOf(': ');
    const [name, state] = at < 0 ? [run.sentence] : [run.sentence.slice(0, at), run.sentence.slice(at + 2)];
    return {
      id: `run-${run.id}`,
      label: heard(name),
      ...(state === undefined ? {} : { hint: heard(state) }),
      runState: run.state,
      run: () => router.go('runs', run.id),
      look: () => router.go('runs', undefined, { look: run.id }),
    };
  }

  #datasetEntry(dataset: Dataset): PaletteEntry {
    return {
      id: `dataset-${dataset.id}`,
      label: dataset.name,
      hint: `dataset, ${counted(dataset.usedByRuns, 'run')}`,
      icon: 'dataset',
      run: () => router.go('datasets', dataset.id),
    };
  }

  #modelEntry(card: ModelCard): PaletteEntry {
    return {
      id: `model-${card.id}`,
      label: card.title,
      hint: `New experiment with ${card.title}: ${heard(card.summary)}`,
      model: card.id,
      run: () => router.go('new', undefined, { model: card.id }),
    };
  }

  #settingEntries(card: ModelCard): PaletteEntry[] {
    return Object.entries(card.hyper).map(([key, field]) => ({
      id: `setting-${card.id}-${key}`,
      label: key,
      hint: `${heard(field.label)} in ${card.title}`,
      icon: 'settings' as const,
      run: () => router.go('new', undefined, { model: card.id }),
    }));
  }
}
