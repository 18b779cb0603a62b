import * as v from 'valibot';
import type { DatasetSummary } from '#contract/dataset.ts';
import { foundRequestSchema } from '#contract/dataset-findings.ts';
import { importRequestSchema, inspectRequestSchema, splitSourceSchema } from '#contract/dataset-import.ts';
import type { ImportEvent } from '#contract/dataset-import.ts';
import { profileTaskSchema } from '#contract/profile.ts';
import { testTaskSchema } from '#contract/statistics.ts';
import type { FromWorker, Task } from '#contract/task.ts';
import type { TrainControl } from '#training/control.ts';
import { EventBatch } from './event-batch.ts';

export interface TaskContext {
  readonly send: (message: FromWorker) => void;
  /** Stop and pause of a training. */
  readonly control: TrainControl;
  /** Aborted when any other task shall stop. */
  readonly signal: AbortSignal;
  /** What a task that stays is asked. */
  readonly questions: AsyncIterable<unknown>;
}

/**
 * Does one task; what it sends is described in contract/task.ts. Throws what goes wrong. Each kind loads only the code it needs:
 * an inspection starts without the engine.
 */
export async function runTask(task: Task, context: TaskContext): Promise<void> {
  const { send, signal, questions } = context;
  switch (task.kind) {
    case 'train': {
      const { trainTask } = await import('./train-task.ts');
      const batch = new EventBatch({ runId: task.runId, attempt: task.attempt, intervalMs: task.eventIntervalMs }, send);
      try {
        for await (const event of trainTask(task, context.control)) batch.add(event);
      } finally {
        batch.close();
      }
      return;
    }
    case 'inspect': {
      const { path } = v.parse(inspectRequestSchema, task.request);
      const { inspect } = await import('#data/inspect.ts');
      for await (const finding of inspect(path, { signal })) send({ type: 'progress', value: finding });
      send({ type: 'result', value: null });
      return;
    }
    case 'import': {
      const request = v.parse(importRequestSchema, task.request);
      const { importDataset } = await import('#data/import.ts');
      await sendImport(importDataset(request, { root: task.datasetsFolder, signal }), send);
      return;
    }
    case 'preview-splits': {
      const { answerSplits } = await import('./split-task.ts');
      const source = v.parse(splitSourceSchema, task.source);
      await answerSplits(source, task.datasetFolder, questions, (value) => send({ type: 'progress', value }), signal);
      send({ type: 'result', value: null });
      return;
    }
    case 'found-rows': {
      const { foundPage } = await import('#data/found-page.ts');
      send({ type: 'result', value: await foundPage(task.datasetFolder, v.parse(foundRequestSchema, task.request)) });
      return;
    }
    case 'compare-datasets': {
      const { compareDatasets } = await import('#data/compare-datasets.ts');
      send({ type: 'result', value: await compareDatasets(task.first, task.second) });
      return;
    }
    case 'calibrate': {
      const { calibrate } = await import('./calibrate.ts');
      const onProgress = (fraction: number) => send({ type: 'progress', value: fraction });
      send({ type: 'result', value: await calibrate(task, onProgress, signal) });
      return;
    }
    case 'demo': {
      const { ensureDemo } = await import('#data/demo/demo.ts');
      const { summaryOf } = await import('#data/manifest.ts');
      await sendImport(drawn(ensureDemo(task.datasetsFolder, { seed: task.seed }), summaryOf), send);
      return;
    }
    case 'check-model': {
      const { checkOwnModel } = await import('./own/check.ts');
      send({ type: 'result', value: await checkOwnModel(task.own, { slopes: task.slopes }) });
      return;
    }
    case 'statistics': {
      const { testAll } = await import('./test-task.ts');
      const onProgress = (fraction: number) => send({ type: 'progress', value: fraction });
      send({ type: 'result', value: await testAll(v.parse(testTaskSchema, task.request), onProgress, signal) });
      return;
    }
    case 'profile': {
      const { profileAll } = await import('./profile-task.ts');
      const onProgress = (fraction: number) => send({ type: 'progress', value: fraction });
      send({ type: 'result', value: await profileAll(v.parse(profileTaskSchema, task.request), onProgress, signal) });
      return;
    }
    case 'verify': {
      const { verifyTask } = await import('./verify-task.ts');
      send({ type: 'result', value: await verifyTask(task, context.control, (value) => send({ type: 'progress', value })) });
      return;
    }
    case 'try-memory': {
      const { memoryTask } = await import('./memory-task.ts');
      send({ type: 'result', value: await memoryTask(task, context.control, (stage) => send({ type: 'progress', value: stage })) });
      return;
    }
    case 'logs': {
      const { readLogs } = await import('#logs/read-logs.ts');
      for await (const event of readLogs(task, signal)) send({ type: 'progress', value: event });
      send({ type: 'result', value: null });
      return;
    }
    case 'recognise': {
      const { recognise } = await import('./recognise/recognise.ts');
      send({ type: 'result', value: { found: await recognise(task.paths, { unpackTo: task.unpackTo, signal }) } });
      return;
    }
    case 'probe': {
      const { probeDevices } = await import('#engine/devices/probe.ts');
      const devices = await probeDevices(task.libraryFolder === undefined ? {} : { libraryFolder: task.libraryFolder });
      send({ type: 'result', value: { devices } });
      return;
    }
  }
}

async function sendImport(events: AsyncIterable<ImportEvent>, send: (message: FromWorker) => void): Promise<void> {
  for await (const event of events) {
    send({ type: 'progress', value: event });
    if (event.type === 'done') send({ type: 'result', value: event.summary });
  }
}

/** The demo is drawn in about a second, too short to report parts of it. */
async function* drawn<M>(demo: Promise<M>, summaryOf: (manifest: M) => DatasetSummary): AsyncGenerator<ImportEvent, void, void> {
  yield { type: 'progress', phase: 'Drawing the demo dataset', fraction: 0 };
  yield { type: 'done', summary: summaryOf(await demo) };
}
