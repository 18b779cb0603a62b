import { afterEach, expect, test } from 'vitest';
import { openStore, temporaryHome, type Home } from '#test/unit/store/fixture.ts';
import { closeAll, openHere } from './fixture.ts';
import { experimentsOf, finishAll, parsed, putDataset } from './store-fixture.ts';

let home: Home;
afterEach(async () => {
  await closeAll();
  home.remove();
});

test('a frozen selection is an edit: lists in other windows ask again and find the test values of its winners', async () => {
  home = temporaryHome();
  const store = openStore(home.folder);
  putDataset(store, 'demo');
  const { experimentId: id } = experimentsOf(store).start(parsed({ models: [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }] }), 1);
  finishAll(store, id, [[{ validation: 0.2, test: 0.1 }], [{ validation: 0.1, test: 0.1 }]]);
  store.close();
  const link = (await openHere(home.folder, { resume: false })).link();
  const status = link.stream('studio.watch', {})[Symbol.asyncIterator]();
  const before = (await status.next()).value!.edits;
  await link.call('experiments.freeze', { id });
  expect((await status.next()).value!.edits).toBe(before + 1);
  await status.return?.();
});
