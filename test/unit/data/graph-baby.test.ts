import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csrFromEntries, entryRows, transpose } from '#data/csr.ts';
import type { CsrMatrix } from '#data/dataset.ts';
import { parseGraphName, readGraphFile } from '#data/graph-file.ts';
import { binaryGraph, cosineGraph, intersectionGraph, linkGraph, mixedGraph } from '#data/item-graph.ts';
import type { Neighbours } from '#data/knn.ts';
import { nearestNeighbours } from '#data/knn.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { readNpy } from '#data/formats/npy.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';

const folder = fileURLToPath(new URL('../../../../shared/data/baby', import.meta.url));
const items = 7050;

function npy(file: string): ArrayLike<number> {
  return readNpy(readFileSync(join(folder, file)), file).values as ArrayLike<number>;
}

/** The exact ten neighbours of the original features, as the data folder gives them. */
function exact(modality: string): Neighbours {
  return {
    rows: items,
    k: 10,
    ids: Int32Array.from(npy(`${modality}_knn10_index.npy`)),
    cosines: Float32Array.from(npy(`${modality}_knn10_cosine.npy`)),
  };
}

async function cached(file: string): Promise<CsrMatrix> {
  const { graph } = await readGraphFile(join(folder, file), parseGraphName(file)!, items);
  return graph.matrix;
}

const present = existsSync(folder);

// Known values of the reference (models.md 0.3).
describe.skipIf(!present)(present ? 'item graphs of Amazon Baby' : 'item graphs of Amazon Baby (skipped: no ../shared/data/baby)', () => {
  it.each([
    ['image', 0.47, 0.992],
    ['text', 0.61, 0.999],
  ] as const)('equal the published cache, with the known shares (%s)', async (modality, reciprocal, self) => {
    const lists = exact(modality);
    const ours = cosineGraph(lists);
    const published = await cached(`${modality}_adj_10_True.pt`);
    expect(ours.indices).toEqual(published.indices);
    let worst = 0;
    ours.values.forEach((value, entry) => (worst = Math.max(worst, Math.abs(value - published.values[entry]!))));
    expect(worst).toBeLessThan(2e-7);
    const both = intersectionGraph([ours, transpose(ours)]).indices.length;
    const loops = [...entryRows(ours)].filter((row, entry) => row === ours.indices[entry]).length;
    // An item that is its own neighbour counts as reciprocal.
    expect((both + loops) / ours.indices.length).toBeCloseTo(reciprocal, 2);
    expect(loops / items).toBeCloseTo(self, 3);
  });

  it('holds 7,405 links in image ∩ text, and 48 % of items have none', () => {
    const links = intersectionGraph([linkGraph(exact('image'), 'binary'), linkGraph(exact('text'), 'binary')]);
    expect(links.indices.length).toBe(7405);
    let empty = 0;
    for (let r = 0; r < items; r++) if (links.offsets[r] === links.offsets[r + 1]) empty += 1;
    expect(empty / items).toBeCloseTo(0.48, 2);
  });

  it('mixes to FREEDOM’s published graph', async () => {
    const published = await cached('mm_adj_freedomdsp_10_1.pt');
    const ours = mixedGraph([
      { weight: 0.1, matrix: binaryGraph(exact('image')) },
      { weight: 0.9, matrix: binaryGraph(exact('text')) },
    ]);
    expect(ours.indices).toEqual(published.indices);
    ours.values.forEach((value, entry) => {
      if (Math.abs(value - published.values[entry]!) > 2e-7) expect(value).toBe(published.values[entry]);
    });
  });

  describe('computed from the fitted features', () => {
    let device: OpenDevice;
    beforeAll(async () => {
      device = await openDevice('wasm');
    });
    afterAll(() => device.close());

    it.each([
      ['image', 0.98],
      ['text', 0.99],
    ] as const)('keep the original neighbours (%s)', (modality, kept) => {
      const features = { rows: items, width: 128, values: Float32Array.from(npy(`${modality}_feat.npy`)) };
      const found = nearestNeighbours(features, { k: 10, self: true, search: deviceSearch });
      const [ours, theirs] = [exactMatrix(found), exactMatrix(exact(modality))];
      const same = intersectionGraph([ours, theirs]).indices.length;
      expect(same / (items * 9)).toBeGreaterThan(kept - 0.02);
    });
  });
});

function exactMatrix({ ids, k }: Neighbours): CsrMatrix {
  return csrFromEntries({ rows: items, columns: items }, { rows: ids.map((_, place) => Math.floor(place / k)), columns: ids });
}
