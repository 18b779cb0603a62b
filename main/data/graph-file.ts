import { basename } from 'node:path';
import type { GraphSummary } from '#contract/dataset.ts';
import { csrFromEntries, graphHash } from './csr.ts';
import type { CsrMatrix, ImportedGraph } from './dataset.ts';
import { readWhole, type FileRecord, type ReadOptions } from './file-stream.ts';
import { readTorchZip, type TorchTensor } from './formats/torch-zip.ts';
import { dataError } from './issue-log.ts';

/** What a graph file's name says (protocol.md 1.1). */
export type GraphName = Pick<ImportedGraph, 'name' | 'form' | 'modality' | 'k' | 'imageWeight'>;

/** Largest `.pt` read: a dense float32 graph of 16,000 items. */
const largestFile = 1024 * 1024 * 1024;

/** Reads the form of a graph from its file name; undefined where the name is not one the models write. */
export function parseGraphName(file: string): GraphName | undefined {
  const name = file.replace(/\.pt$/, '');
  const freedom = /^mm_adj_freedomdsp_(\d+)_(\d+)$/.exec(name);
  if (freedom !== null) return { name, form: 'freedom-mix', k: Number(freedom[1]), imageWeight: Number(freedom[2]) / 10 };
  const knn = /^([a-z][a-z0-9]*)_adj_(\d+)(_True)?$/.exec(name);
  if (knn !== null && knn[1] !== 'mm') return { name, form: 'knn-cosine', modality: knn[1]!, k: Number(knn[2]) };
  return undefined;
}

/** An item graph from a `.pt` file, sparse or dense, repeated entries added. Throws `graph.*`, `torch.*`, `zip.*`, `pickle.*`. */
export async function readGraphFile(
  path: string,
  graph: GraphName,
  items: number,
  options: ReadOptions = {},
): Promise<{ graph: ImportedGraph; summary: GraphSummary & { hash: string }; record: FileRecord }> {
  const file = basename(path);
  const { bytes, record } = await readWhole(path, largestFile, options);
  const tensor = readTorchZip(bytes, file).get('');
  if (tensor === undefined)
    throw dataError({
      code: 'graph.not-tensor',
      message: 'The file holds several tensors, not one graph.',
      where: file,
      fix: 'Delete the file: Avocet computes the graph from the features.',
    });
  const { matrix, repeated } = toMatrix(tensor, items, file);
  const hash = graphHash(matrix);
  let rowsWithoutSelf = 0;
  for (let r = 0; r < items; r++) if (matrix.indices.subarray(matrix.offsets[r]!, matrix.offsets[r + 1]!).indexOf(r) < 0) rowsWithoutSelf++;
  return {
    graph: { ...graph, matrix, hash },
    summary: { ...graph, file, items, entries: matrix.indices.length, repeated, rowsWithoutSelf, hash },
    record,
  };
}

function toMatrix(tensor: TorchTensor, items: number, file: string): { matrix: CsrMatrix; repeated: number } {
  if (tensor.shape.length !== 2 || tensor.shape[0] !== items || tensor.shape[1] !== items) {
    throw dataError({
      code: 'graph.shape',
      message: `The graph is [${tensor.shape.join(', ')}]; the dataset has ${items.toLocaleString('en')} items.`,
      where: file,
      fix: 'Remove the file: it belongs to another dataset.',
    });
  }
  for (let e = 0; e < tensor.values.length; e++) {
    if (!Number.isFinite(tensor.values[e]!)) {
      throw dataError({
        code: 'graph.not-finite',
        message: `Entry ${e} of the graph is ${tensor.values[e]}.`,
        where: file,
        fix: 'Remove the file: a zero feature row made it NaN. Avocet computes the graph without.',
      });
    }
  }
  const shape = { rows: items, columns: items };
  if (tensor.form === 'dense') return { matrix: compressDense(tensor.values, items), repeated: 0 };
  const matrix = csrFromEntries(shape, tensor);
  return { matrix, repeated: tensor.values.length - matrix.values.length };
}

/** The non-zero entries of a square row-major matrix. */
function compressDense(values: ArrayLike<number>, items: number): CsrMatrix {
  const offsets = new Int32Array(items + 1);
  let count = 0;
  for (let e = 0; e < values.length; e++) if (values[e] !== 0) count++;
  const indices = new Int32Array(count);
  const kept = new Float32Array(count);
  let written = 0;
  for (let r = 0; r < items; r++) {
    for (let c = 0; c < items; c++) {
      const value = values[r * items + c]!;
      if (value === 0) continue;
      indices[written] = c;
      kept[written++] = value;
    }
    offsets[r + 1] = written;
  }
  return { rows: items, columns: items, offsets, indices, values: kept };
}
