/** The form of New experiment over a reload of its page, in this window alone. */
import * as v from 'valibot';
import { experimentRequestSchema, type ExperimentRequest } from '#contract/experiment.ts';

const key = 'avocet.new-experiment';
const keptSchema = v.object({ request: experimentRequestSchema, from: v.optional(v.string()) });

export interface KeptForm {
  readonly request: ExperimentRequest;
  /** The run that it was cloned from. */
  readonly from?: string | undefined;
}

/** A form without a dataset, a model or a seed has nothing to keep. */
export function keepForm(request: ExperimentRequest | undefined, from: string | undefined): void {
  if (typeof sessionStorage === 'undefined') return;
  try {
    if (request === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify({ request, from }));
  } catch {
    // A window that may store nothing loses the form with the page, as before.
  }
}

export function keptForm(): KeptForm | undefined {
  if (typeof sessionStorage === 'undefined') return undefined;
  try {
    const read = v.safeParse(keptSchema, JSON.parse(sessionStorage.getItem(key) ?? 'null'));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}
