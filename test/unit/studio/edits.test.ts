import { afterEach, expect, test } from 'vitest';
import { closeAll, homeWith, openHere } from './fixture.ts';
import { experimentsOf, finishAll, parsed, putDataset } from './store-fixture.ts';

afterEach(closeAll);

test('a frozen selection is an edit: lists in other windows ask again and find the test values of its winners', async () => {
  let id = '';
  const home = homeWith((store) => {
    putDataset(store, 'demo');
    id = experimentsOf(store).start(parsed({ models: [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }] }), 1).experimentId;
    finishAll(store, id, [[{ validation: 0.2, test: 0.1 }], [{ validation: 0.1, test: 0.1 }]]);
  });
  const link = (await openHere(home, { resume: false })).link();
  const status = link.stream('studio.watch', {})[Symbol.asyncIterator]();
  const before = (await status.next()).value!.edits;
  await link.call('experiments.freeze', { id });
  expect((await status.next()).value!.edits).toBe(before + 1);
  await status.return?.();
});
