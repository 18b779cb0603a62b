import * as v from 'valibot';

/**
 * What of evaluation a person chooses (protocol.md sections 2, 4 and S12). It belongs to the protocol: runs that differ in it are not
 * averaged, tested or ranked together.
 */

/** all: every item is ranked. cold-items: items without a train row alone, and held-out rows of such items alone. */
export const candidateSets = ['all', 'cold-items'] as const;
/** whole: the same validation users choose the epoch and the configuration. nested: a drawn half of them chooses the epoch, the other half the configuration. */
export const validationUses = ['whole', 'nested'] as const;

export const evaluationSchema = v.object({
  candidates: v.optional(v.picklist(candidateSets), 'all'),
  validation: v.optional(v.picklist(validationUses), 'whole'),
});
export type Evaluation = v.InferOutput<typeof evaluationSchema>;

export const usualEvaluation: Evaluation = { candidates: 'all', validation: 'whole' };

/** As a configuration keeps it: absent where it is the usual one, so that names of configurations stay what they were. */
export function keptEvaluation({ candidates, validation }: Evaluation): { evaluation?: Evaluation } {
  return candidates === 'all' && validation === 'whole' ? {} : { evaluation: { candidates, validation } };
}

/** In words, for titles, settings and reasons; empty where it is the usual one. */
export function evaluationDifferences(evaluation: Evaluation = usualEvaluation): { key: string; value: string }[] {
  return [
    ...(evaluation.candidates === 'all' ? [] : [{ key: 'candidates', value: evaluation.candidates }]),
    ...(evaluation.validation === 'whole' ? [] : [{ key: 'validation', value: evaluation.validation }]),
  ];
}
