import { ProblemError } from '#contract/problem.ts';
import { bbqrec } from './bbqrec/model.ts';
import { bm3 } from './bm3/model.ts';
import { bpr } from './bpr/model.ts';
import { cards } from './cards.ts';
import type { ModelDefinition } from './define-model.ts';
import { damrs } from './damrs/model.ts';
import { dmicf } from './dmicf/model.ts';
import { dragon } from './dragon/model.ts';
import { dualgnn } from './dualgnn/model.ts';
import { egra } from './egra/model.ts';
import { freedom } from './freedom/model.ts';
import { gca } from './gca/model.ts';
import { grcn } from './grcn/model.ts';
import { gume } from './gume/model.ts';
import { igdmrec } from './igdmrec/model.ts';
import { itemknn } from './itemknn/model.ts';
import { kgattention } from './kgattention/model.ts';
import { lattice } from './lattice/model.ts';
import { layergcn } from './layergcn/model.ts';
import { lgmrec } from './lgmrec/model.ts';
import { lightgcn } from './lightgcn/model.ts';
import { mentor } from './mentor/model.ts';
import { mgcn } from './mgcn/model.ts';
import { mmgcf } from './mmgcf/model.ts';
import { mmgcn } from './mmgcn/model.ts';
import { mvgae } from './mvgae/model.ts';
import { pgl } from './pgl/model.ts';
import { selfcf } from './selfcf/model.ts';
import { siger } from './siger/model.ts';
import { slmrec } from './slmrec/model.ts';
import { smore } from './smore/model.ts';
import { vbpr } from './vbpr/model.ts';

/** Every model that can be trained, for workers; who only needs to know about models imports cards.ts. */
export const models: readonly ModelDefinition[] = [
  bpr,
  lightgcn,
  vbpr,
  freedom,
  mgcn,
  egra,
  siger,
  layergcn,
  selfcf,
  bm3,
  itemknn,
  mmgcf,
  dragon,
  dualgnn,
  grcn,
  mmgcn,
  slmrec,
  lattice,
  mvgae,
  lgmrec,
  smore,
  gume,
  pgl,
  damrs,
  mentor,
  dmicf,
  igdmrec,
  gca,
  kgattention,
  bbqrec,
];

/** The definition of a model. Throws a problem of kind config that lists the known models. */
export function modelById(id: string): ModelDefinition {
  const found = models.find(({ card }) => card.id === id);
  if (found !== undefined) return found;
  throw new ProblemError({
    kind: 'config',
    code: 'model.unknown',
    message: `there is no model named ${id}`,
    values: { model: id },
    fix: `Known models: ${cards.map((card) => card.id).join(', ')}.`,
  });
}
