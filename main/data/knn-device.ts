import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { rankingOver } from '#engine/ops/top-k.ts';
import type { OpenSearch } from './knn.ts';

/** Candidate search on the opened device: the table stays there, blocks of rows are ranked by its masked top-K. */
export const deviceSearch: OpenSearch = ({ rows, width, values }) => {
  const items = tensor2d(values, [rows, width]);
  const ranking = rankingOver(items);
  return {
    candidates(from, to, count) {
      const queries: Tensor2D = tensor2d(values.subarray(from * width, to * width), [to - from, width]);
      const mask = { offsets: new Int32Array(to - from + 1), indices: new Int32Array(0) };
      const found = ranking.topK(queries, mask, count);
      queries.dispose();
      return found.items;
    },
    dispose() {
      ranking.dispose();
      items.dispose();
    },
  };
};
