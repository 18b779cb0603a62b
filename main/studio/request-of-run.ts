/** The experiment request that repeats a run: what "clone" puts into the form. */
import * as v from 'valibot';
import { experimentRequestSchema, type ParsedExperimentRequest } from '#contract/experiment.ts';
import type { RunConfig } from '#contract/run.ts';
import type { RunRow } from '#store/run-rows.ts';

/** Only what differs from the card's defaults is written as a value, so that the form shows what was chosen. */
export function requestOf(row: RunRow, config: RunConfig): ParsedExperimentRequest {
  // Differences also name training settings (lr, batch_size); those are in the budget.
  const values = Object.fromEntries(
    row.differences.flatMap(({ key }) => (Object.hasOwn(config.hyper, key) ? [[key, config.hyper[key]!]] : [])),
  );
  const { dataset, model, preset, seed, budget, protocol, itemGraph, device, threads } = config;
  return v.parse(experimentRequestSchema, {
    datasets: [dataset],
    models: [{ model, ...(preset === undefined ? {} : { preset }), values }],
    seeds: [seed],
    budget,
    protocol,
    itemGraph,
    device,
    threads,
  });
}
