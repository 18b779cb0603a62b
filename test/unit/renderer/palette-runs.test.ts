import { expect, it, vi } from 'vitest';
import { card as freedom } from '#models/freedom/card.ts';
import { help } from '#renderer/state/help.svelte.ts';
import { PaletteState } from '#renderer/state/palette.svelte.ts';
import { studio } from '#renderer/state/studio.svelte.ts';
import { connectTo } from './drawn-link.ts';

interface Asked {
  readonly tags: readonly string[];
  readonly answer: (page: unknown) => void;
}

const patience = { timeout: 60_000 };
const pageOf = (id: string) => ({ totalRuns: 1, rows: [{ runs: [{ id, sentence: `Run ${id}: finished`, state: 'finished' }] }] });

it('runs with a tag are not replaced by a late answer about the same word', async () => {
  const asked: Asked[] = [];
  const call = (name: string, input: { readonly tags?: readonly string[] }) =>
    name === 'runs.page' ? new Promise((answer) => asked.push({ tags: input.tags ?? [], answer })) : Promise.resolve({});
  connectTo(call);
  const palette = new PaletteState();
  const found = () => palette.groups.find(({ id }) => id === 'runs')?.entries.map(({ id }) => id);

  palette.query = 'baseline';
  palette.askRuns();
  await vi.waitFor(() => expect(asked).toHaveLength(1), patience);
  palette.query = '# baseline';
  palette.askRuns();
  await vi.waitFor(() => expect(asked).toHaveLength(2), patience);
  expect(asked.map(({ tags }) => tags)).toEqual([[], ['baseline']]);
  asked[1]!.answer(pageOf('tagged'));
  await vi.waitFor(() => expect(found()).toEqual(['run-tagged']), patience);
  asked[0]!.answer(pageOf('named'));
  await studio.call('studio.capabilities', {});
  await studio.call('studio.capabilities', {});
  expect(found()).toEqual(['run-tagged']);
});

it('a filter is offered for a condition that was written, and for a name only where runs have it', async () => {
  const pages: Record<string, unknown> = { 'models.list': { models: [freedom] }, 'datasets.list': { datasets: [] } };
  const asked: (string | undefined)[] = [];
  let runs = 0;
  connectTo((name, { filter }: { readonly filter?: string }) => {
    if (name !== 'runs.page') return Promise.resolve(pages[name] ?? {});
    asked.push(filter);
    return Promise.resolve({ totalRuns: runs, rows: [] });
  });
  await vi.waitFor(async () => {
    await help.load();
    expect(help.cards).toHaveLength(1);
  }, patience);
  const palette = new PaletteState();
  const filters = () => palette.groups.flatMap(({ entries }) => entries).filter(({ id }) => id === 'filter-runs');
  palette.query = 'seed = 9';
  palette.askRuns();
  await vi.waitFor(() => expect(filters().map(({ label }) => label)).toEqual(['Filter runs: seed = 9']), patience);
  palette.query = 'freedom';
  palette.askRuns();
  await vi.waitFor(() => expect(asked).toContain('model = FREEDOM'), patience);
  // Its answer has come, too.
  await studio.call('studio.capabilities', {});
  await studio.call('studio.capabilities', {});
  expect(filters()).toEqual([]);
  runs = 3;
  palette.query = 'freedom ';
  palette.askRuns();
  await vi.waitFor(() => expect(filters().map(({ label }) => label)).toEqual(['Filter runs: model = FREEDOM']), patience);
});
