/**
 * The matrix of a request before the studio has answered: every cell "planned", rows and their words expanded here as the studio
 * expands them, so the picture moves with each click. The studio's plan replaces it (it knows which cells are known).
 */
import type { ExperimentRequest, Matrix } from '#contract/experiment.ts';
import type { HyperValue, ModelCard } from '#contract/model-card.ts';
import { cannotRun, type DatasetFacts } from './experiment-draft.ts';
import { valueText } from './setting-rows.ts';

/** All combinations of the varied fields in the order typed, the last field fastest: [{ ii_k: 10 }, { ii_k: 20 }]. */
export function combinations(vary: Readonly<Record<string, readonly HyperValue[]>>): readonly Record<string, HyperValue>[] {
  let rows: Record<string, HyperValue>[] = [{}];
  for (const [key, values] of Object.entries(vary)) rows = rows.flatMap((row) => values.map((value) => ({ ...row, [key]: value })));
  return rows;
}

const keyOf = (word: string) => word.split(' ', 1)[0]!;

/**
 * The studio's matrix with the rows of a sweep named by all their varied fields ("ii_k 10", "ii_k 20"): it leaves out what equals a
 * default, which would hide one end of the sweep. Where it merged equal rows, its own words stand.
 */
export function withSweepWords(matrix: Matrix, planned: Matrix): Matrix {
  const rows = matrix.rows.map((row, index) => {
    const words = planned.rows[index]?.differences ?? '';
    const varied = words.split(', ').filter((word) => word !== '');
    const told = row.differences.split(', ').filter((word) => word !== '');
    // By key: the studio writes 0.0001 where a chip says 1e-4. In the order they are varied in, on every row alike.
    const first = varied.map((word) => told.find((other) => keyOf(other) === keyOf(word)) ?? word);
    return { ...row, differences: [...new Set([...first, ...told])].join(', ') };
  });
  const isAligned =
    matrix.rows.length === planned.rows.length && matrix.rows.every((row, index) => row.model === planned.rows[index]?.model);
  return isAligned ? { ...matrix, rows } : matrix;
}

export function plannedMatrix(request: ExperimentRequest, cards: readonly ModelCard[], datasets: readonly DatasetFacts[]): Matrix {
  const rows = request.models.flatMap((choice, index) => {
    const card = cards.find((candidate) => candidate.id === choice.model);
    return combinations(choice.vary ?? {}).map((combination, at) => ({
      configuration: `${choice.model}/${index}/${at}`,
      model: choice.model,
      title: card?.title ?? choice.model,
      differences: Object.entries(combination)
        .map(([key, value]) => `${key} ${valueText(value)}`)
        .join(', '),
      inferred: card?.inferred ?? false,
    }));
  });
  const isPossible = (model: string, id: string) => {
    const card = cards.find((candidate) => candidate.id === model);
    const dataset = datasets.find((candidate) => candidate.id === id);
    return (
      card === undefined ||
      dataset === undefined ||
      cannotRun(card, dataset, request.itemGraph ?? 'computed', request.evaluation?.candidates) === undefined
    );
  };
  const cells = rows.flatMap((row) =>
    request.datasets.flatMap((dataset) =>
      (isPossible(row.model, dataset) ? request.seeds : []).map((seed) => ({
        dataset,
        model: row.model,
        configuration: row.configuration,
        seed,
        state: 'planned' as const,
        masked: false,
      })),
    ),
  );
  return {
    datasets: request.datasets.map((id) => ({ id, name: datasets.find((dataset) => dataset.id === id)?.name ?? id })),
    seeds: [...request.seeds],
    rows,
    cells,
  };
}
