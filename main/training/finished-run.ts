import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { trainingEventSchema } from '#contract/task.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { readSealed, writeSealed } from './sealed-file.ts';

const headSchema = v.object({ format: v.literal(1), identity: v.string(), events: v.array(trainingEventSchema) });
const fileName = 'finished.bin';

/** Keeps what a finished run reported: should the owner die before it stored the end, a restart tells it again without work. */
export async function writeFinished(folder: string, identity: string, events: readonly TrainingEvent[]): Promise<void> {
  const head: v.InferInput<typeof headSchema> = { format: 1, identity, events: [...events] };
  await writeSealed(join(folder, fileName), { head, arrays: new Map() });
}

/** Takes the report away, so that the run is trained anew. */
export async function forgetFinished(folder: string): Promise<void> {
  await rm(join(folder, fileName), { force: true });
}

/** Passes events on and puts those into `report` that {@link readFinished} gives back after a restart. */
export async function* noted<End>(
  events: AsyncGenerator<TrainingEvent, End | { readonly kind: 'discarded' }, void>,
  report: TrainingEvent[],
): AsyncGenerator<TrainingEvent, End | { readonly kind: 'discarded' }, void> {
  try {
    for (;;) {
      const step = await events.next();
      if (step.done === true) return step.value;
      if (toldAgain.has(step.value.type)) report.push(step.value);
      yield step.value;
    }
  } finally {
    await events.return({ kind: 'discarded' });
  }
}

const toldAgain: ReadonlySet<TrainingEvent['type']> = new Set(['prepared', 'stageStarted', 'epochFinished', 'stageFinished']);

/** The report of a run that finished here, if this is the same run. */
export async function readFinished(folder: string, identity: string): Promise<readonly TrainingEvent[] | undefined> {
  const sealed = await readSealed(join(folder, fileName));
  const head = v.safeParse(headSchema, sealed?.head);
  return head.success && head.output.identity === identity ? head.output.events : undefined;
}
