/** Procedures `models.*`. */
import type { Router } from '#contract/link.ts';
import type { StudioCore } from '../core.ts';

type ModelProcedure = Extract<keyof Router, `models.${string}`>;

export function modelProcedures({ ownModels }: StudioCore): Pick<Router, ModelProcedure> {
  return {
    'models.list': async ({ settled }) => {
      if (settled) await ownModels.settle();
      else ownModels.look();
      return { models: [...ownModels.cards], own: ownModels.view() };
    },
    'models.create': ({ id }) => ownModels.create(id),
    'models.check': ({ id }) => ownModels.check(id),
  };
}
