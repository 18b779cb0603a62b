import { expect, it } from 'vitest';
import { ProblemError } from '#contract/problem.ts';
import { PivotView } from '#renderer/state/pivot-view.ts';
import { recentFiles } from '#renderer/state/recent-files.svelte.ts';
import type { RunsTable } from '#renderer/state/runs-table.svelte.ts';
import { history } from '#renderer/state/history.svelte.ts';
import { toasts } from '#renderer/state/toasts.svelte.ts';
import { connectTo } from './drawn-link.ts';

const refusal = new ProblemError({ kind: 'internal', code: 'drawn', message: 'The drawn studio refuses', values: {} });
const last = () => toasts.all.at(-1);

/** Answers all but these. */
const without = (...refused: string[]) => connectTo((name) => (refused.includes(name) ? Promise.reject(refusal) : Promise.resolve({})));

it('what is asked for in passing says so where it fails', async () => {
  without('runs.matching');
  await new PivotView({ query: { filter: '' } } as unknown as RunsTable).compare();
  expect(last()).toMatchObject({ tone: 'bad', text: expect.stringContaining('The drawn studio refuses') as string });
});

it('an undo that fails says so', async () => {
  without('files.restore');
  await recentFiles.forget([{ path: '/data/a.csv', kind: 'dataset', openedAt: 1, isThere: true }]);
  expect(last()).toMatchObject({ tone: 'plain' });
  await history.undo(last()!.deed!);
  expect(last()).toMatchObject({ tone: 'bad', text: expect.stringContaining('The drawn studio refuses') as string });
});
