/** What a few users get at each new best epoch of a run. Items are those of validation alone; test is never looked at. */
import * as v from 'valibot';
import { itemSchema } from './dataset.ts';

const number = v.pipe(v.number(), v.integer(), v.minValue(0));

export const samplesSchema = v.object({
  users: v.array(
    v.object({
      user: number,
      rawId: v.string(),
      trainRows: v.number(),
      /** Held out for validation. */
      heldOut: v.array(number),
    }),
  ),
  /** In the order of epochs; lists by user in the order of `users`, best item first. */
  epochs: v.array(v.object({ epoch: number, lists: v.array(v.array(number)) })),
  items: v.array(itemSchema),
  /** Users that runs on this dataset sample from now on; empty: five drawn by seed. */
  pinned: v.array(number),
});
export type Samples = v.InferOutput<typeof samplesSchema>;

export const pinRequestSchema = v.object({ dataset: v.string(), users: v.pipe(v.array(number), v.maxLength(5)) });
