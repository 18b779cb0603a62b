import { values } from '#engine/ops/basic.ts';
import type { Model, Representation } from '#models/define-model.ts';

/** Users × items as the model would rank: its scorer's, or the dot products in double of the vectors that would be kept. */
export function scoresOf(model: Model, users: number): Float64Array {
  if (model.scorer === undefined) return products(model.represent());
  const scores = model.scorer().scores(Int32Array.from({ length: users }, (_, user) => user));
  const read = Float64Array.from(values(scores));
  scores.dispose();
  return read;
}

function products({ users, items }: Representation): Float64Array {
  const [u, i] = [values(users), values(items)];
  const width = users.shape[1];
  const [rows, columns] = [users.shape[0], items.shape[0]];
  users.dispose();
  items.dispose();
  const matrix = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let w = 0; w < width; w++) sum += u[r * width + w]! * i[c * width + w]!;
      matrix[r * columns + c] = sum;
    }
  }
  return matrix;
}
