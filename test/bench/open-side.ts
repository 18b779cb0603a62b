/*
 * Opens a dataset as a run does that needs every feature, and leaves: node open-side.ts FOLDER. Answers "open" with the milliseconds of
 * opening and of the features, each once: this process has opened nothing before.
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import { openDataset } from '#data/dataset-folder.ts';

for await (const _line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const dataset = await openDataset(process.argv[2]!);
  const opened = performance.now();
  const values = dataset.modalities.reduce((sum, modality) => sum + modality.values.length, 0);
  process.stdout.write(`${JSON.stringify({ ms: [opened - started, performance.now() - opened], values: [values] })}\n`);
}
process.exit(0);
