/** What a file of reference vectors must hold to be compared. A part that is missing is named, for a file is made by another program. */
import * as v from 'valibot';

const numbers = v.array(v.number());
const part = v.looseObject({ values: numbers });
const byUser = v.record(v.string(), numbers);
const evaluated = v.looseObject({
  users: numbers,
  held_out: byUser,
  metrics: v.record(v.string(), v.number()),
  metrics_rounded4: v.record(v.string(), v.number()),
});
const pairs = v.looseObject({ users: numbers, items: numbers });
const matrix = v.looseObject({ shape: numbers, values: numbers });
const draws = v.array(v.looseObject({ kind: v.string(), shape: numbers, values: numbers }));

export const forms = {
  model: v.looseObject({
    key: v.string(),
    hyper: v.record(v.string(), v.unknown()),
    optimizer: v.looseObject({ lr: v.number(), beta1: v.number(), beta2: v.number(), eps: v.number() }),
    batch: v.looseObject({ users: numbers, pos: numbers, neg: v.nullish(numbers) }),
    params: v.array(
      v.looseObject({
        name: v.string(),
        shape: numbers,
        init: numbers,
        grad: v.nullable(numbers),
        after1: v.nullable(numbers),
        after3: v.nullable(numbers),
      }),
    ),
    noise: v.looseObject({ pre: draws, loss: v.optional(draws, []), score: v.optional(draws, []) }),
    loss: v.looseObject({ values: numbers, terms: v.array(v.looseObject({ ...part.entries, step: v.number(), name: v.string() })) }),
    scores: v.looseObject({ before: numbers, after3: v.optional(numbers), after3_cached: v.optional(numbers) }),
  }),
  graphs: v.looseObject({ k: v.number(), graphs: v.array(v.looseObject({ name: v.string(), shape: numbers })) }),
  evaluator: v.looseObject({ topk: numbers, scores: matrix, train_mask: byUser, valid: evaluated, test: evaluated }),
  dataset: v.looseObject({
    name: v.string(),
    n_users: v.number(),
    n_items: v.number(),
    train: pairs,
    valid: pairs,
    test: pairs,
    image: matrix,
    text: matrix,
  }),
} as const;

/** @throws Error with the first part that is missing or of another form: "loss.values is missing" */
export function requireForm(form: keyof typeof forms, value: unknown): void {
  const result = v.safeParse(forms[form], value);
  if (result.success) return;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  if (path === null) throw new Error(`the file must hold an object, found ${issue.received}`);
  throw new Error(
    issue.received === 'undefined' ? `${path} is missing` : `${path} must be ${issue.expected ?? 'another'}, found ${issue.received}`,
  );
}
