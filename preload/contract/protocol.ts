/** What defines a comparison (protocol.md section 3): the content of protocol_id. Pure. */
import { usualEvaluation } from './evaluation.ts';
import { cutOffs, type RunConfig } from './run.ts';

/** How rows without features were filled, by modality: of those alone that have such rows. */
export type FilledModalities = Readonly<Record<string, string>>;

/**
 * Candidate set, masking, rules for cold users and missing features, cut-offs, and by what epoch and configuration are chosen; no seed,
 * hyper-parameter, learning rate, batch, negatives, device or budget, which are shown as differences.
 */
export function protocolContent(
  { protocol, evaluation = usualEvaluation }: Pick<RunConfig, 'protocol' | 'evaluation'>,
  { filled, isNextItem }: { readonly filled: FilledModalities; readonly isNextItem: boolean },
): Readonly<Record<string, unknown>> {
  return {
    task: isNextItem ? 'next-item' : 'held-out',
    candidates: evaluation.candidates,
    masked: 'train',
    coldUsers: 'dropped',
    missingFeatures: filled,
    cutOffs,
    selectionMetric: 'recall@20',
    validation: evaluation.validation,
    // The MMRec preset picks the configuration by test, on rounded values; the other by the mean of validation over seeds.
    selection: protocol === 'mmrec' ? 'rounded-test' : 'mean-validation',
  };
}
