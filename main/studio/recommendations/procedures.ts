/** Procedures `recommendations.*`. */
import type { Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { ListedRun, Tally, UsersPage } from '#contract/recommendation.ts';
import { signTest } from '#stats/sign-test.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { StudioCore } from '../core.ts';
import { findDataset } from '../plan.ts';
import { Inspector, otherData, within } from './inspection.ts';
import { itemView, neighbours } from './item-views.ts';
import { maskedItems } from './masked-items.ts';
import { userLists, usersPage } from './user-views.ts';

type RecommendationProcedure = Extract<keyof Router, `recommendations.${string}`>;

const ok = { ok: true } as const;

export function recommendationProcedures(core: StudioCore): Pick<Router, RecommendationProcedure> {
  const { store, view, library } = core;
  const inspector = new Inspector(core);
  const segmentsOf = async (dataset: string): Promise<UsersPage['segments']> =>
    (await library.get(dataset)).detail.distributions.userSegments.filter(({ count }) => count > 0);

  /** Both runs of a vote, over the same data. */
  const pair = (a: string, b: string): readonly [RunRow, RunRow] => {
    const [first, second] = [view.find(a), view.find(b)];
    if (first.dataset !== second.dataset) throw otherData(first, second);
    if (a === b)
      throw new ProblemError({
        kind: 'config',
        code: 'recommendations.one-run',
        message: 'A run is not compared with itself',
        values: { a },
      });
    return [first, second];
  };

  return {
    'recommendations.runs': () => ({
      runs: view.summaries(store.runs.withArtifact('top50')).map((run): ListedRun => ({
        id: run.id,
        model: run.model,
        modelTitle: run.modelTitle,
        dataset: run.dataset,
        datasetName: run.datasetName,
        seed: run.seed,
        details: [...run.differences.map(({ key, value }) => `${key} ${value}`), `seed ${run.seed}`].join(', '),
        sentence: run.sentence,
        isTestShown: run.test.state === 'shown',
      })),
    }),
    'recommendations.users': async (request) => {
      const at = await inspector.open(request);
      return await usersPage(at, await segmentsOf(view.find(request.a).dataset), request);
    },
    'recommendations.lists': async ({ user, k, ...asked }) => {
      const { summary } = findDataset(store, view.find(asked.a).dataset);
      const modalities = summary.modalities.map(({ name }) => name);
      return await userLists(await inspector.open(asked), modalities, user, k);
    },
    'recommendations.masked': async ({ run, user }) => {
      const at = await inspector.open({ a: run, part: 'validation' });
      within('user', user, at.users.users);
      return await maskedItems(at, user);
    },
    'recommendations.item': async ({ item, k, offset, limit, ...asked }) => {
      const at = await inspector.open(asked);
      const { summary } = findDataset(store, view.find(asked.a).dataset);
      return await itemView(at, summary, { item, k, offset, limit });
    },
    'recommendations.neighbours': async ({ dataset, item, runs, k }) => {
      const { summary, folder } = findDataset(store, dataset);
      const opened = await Promise.all(runs.map((id) => inspector.run(view.find(id).id)));
      return await neighbours(await library.itemTable(dataset), { item, k, folder, summary, runs: opened });
    },
    'recommendations.vote': async ({ a, b, user, k, choice }) => {
      const [first] = pair(a, b);
      within('user', user, (await library.userTable(first.dataset)).users);
      const at = Date.now();
      return { id: store.votes.add({ at, dataset: first.dataset, runA: a, runB: b, user, k, choice }), at, user, k, choice };
    },
    'recommendations.unvote': ({ id }) => {
      store.votes.remove(id);
      return ok;
    },
    'recommendations.votes': ({ a, b }): Tally => {
      pair(a, b);
      const votes = store.votes.of(a, b);
      const count = (choice: string) => votes.filter((vote) => vote.choice === choice).length;
      const counts = { a: count('a'), b: count('b'), tie: count('tie') };
      const sign = signTest(counts.a, counts.b);
      return { counts, votes, ...(sign === undefined ? {} : { sign }) };
    },
  };
}
