/** A model's loss and every slope beside a second version of it in double. */
import { tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Dataset } from '#data/dataset.ts';
import { values } from '#engine/ops/basic.ts';
import type { LossAndGradients } from '#engine/ops/gradients.ts';
import type { Model } from '#models/define-model.ts';
import { rowsOf } from './reference-views.ts';
import type { Table } from './reference-views.ts';

interface Plain {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** Starting vectors are tiny; cosines of larger ones are as good, and the pairwise loss says more. */
export function enlarge(model: Model): void {
  for (const [name, variable] of model.parameters) {
    if (name.startsWith('features.')) continue;
    const larger = tensor(
      values(variable).map((value) => 3 * value),
      variable.shape,
      'float32',
    );
    variable.assign(larger);
    larger.dispose();
  }
}

/** What the second version computes from: the model's parameters, and the features where they are none. */
export function tablesOf({ modalities }: Dataset, { parameters }: Model): Map<string, Table> {
  const tables = new Map<string, Table>(
    modalities.map((modality) => [`features.${modality.name}`, rowsOf(modality.values, modality.width)]),
  );
  for (const [name, variable] of parameters) tables.set(name, rowsOf(values(variable), variable.shape.at(-1)!));
  return tables;
}

/** Compares terms and total with `plain`, and every slope with differences of `totalNow`, which reads `tables`. Disposes the gradients. */
export function expectBeside(result: LossAndGradients, tables: ReadonlyMap<string, Table>, plain: Plain, totalNow: () => number): void {
  expect(Object.keys(result.terms).sort()).toEqual(Object.keys(plain.terms).sort());
  for (const [name, value] of Object.entries(result.terms)) expect(value, name).toBeCloseTo(plain.terms[name]!, 5);
  expect(result.total).toBeCloseTo(plain.total, 5);

  for (const [name, gradient] of result.gradients) {
    const table = tables.get(name)!;
    // Where a table plays no part, there is no gradient (or one of zeros).
    const ours = gradient === null ? new Float32Array(table.length * table[0]!.length) : values(gradient);
    const scale = Math.max(...ours.map(Math.abs), 1e-3);
    table.forEach((row, r) =>
      row.forEach((value, c) => {
        const at = (shift: number) => {
          row[c] = value + shift;
          const total = totalNow();
          row[c] = value;
          return total;
        };
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(Math.abs(ours[r * row.length + c]! - slope), `${name} [${r}, ${c}]`).toBeLessThan(2e-4 * scale);
      }),
    );
    gradient?.dispose();
  }
}
