import type { ModelCard } from '#contract/model-card.ts';
import { card as bbqrec } from './bbqrec/card.ts';
import { card as bm3 } from './bm3/card.ts';
import { card as bpr } from './bpr/card.ts';
import { card as damrs } from './damrs/card.ts';
import { card as dmicf } from './dmicf/card.ts';
import { card as dragon } from './dragon/card.ts';
import { card as dualgnn } from './dualgnn/card.ts';
import { card as egra } from './egra/card.ts';
import { card as freedom } from './freedom/card.ts';
import { card as gca } from './gca/card.ts';
import { card as grcn } from './grcn/card.ts';
import { card as gume } from './gume/card.ts';
import { card as igdmrec } from './igdmrec/card.ts';
import { card as itemknn } from './itemknn/card.ts';
import { card as kgattention } from './kgattention/card.ts';
import { card as lattice } from './lattice/card.ts';
import { card as layergcn } from './layergcn/card.ts';
import { card as lgmrec } from './lgmrec/card.ts';
import { card as lightgcn } from './lightgcn/card.ts';
import { card as mentor } from './mentor/card.ts';
import { card as mgcn } from './mgcn/card.ts';
import { card as mmgcf } from './mmgcf/card.ts';
import { card as mmgcn } from './mmgcn/card.ts';
import { card as mvgae } from './mvgae/card.ts';
import { card as pgl } from './pgl/card.ts';
import { card as selfcf } from './selfcf/card.ts';
import { card as siger } from './siger/card.ts';
import { card as slmrec } from './slmrec/card.ts';
import { card as smore } from './smore/card.ts';
import { card as vbpr } from './vbpr/card.ts';

/** Every model's card, in the order the studio shows them. A new model is one line here and one in registry.ts. */
export const cards: readonly ModelCard[] = distinctIds([
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
]);

/** The card of a model, or undefined; callers word the problem and list {@link cards}. */
export function cardById(id: string): ModelCard | undefined {
  return cards.find((card) => card.id === id);
}

function distinctIds(all: readonly ModelCard[]): readonly ModelCard[] {
  const seen = new Set<string>();
  for (const { id } of all) {
    if (seen.has(id)) throw new Error(`two model cards are named ${id}`);
    seen.add(id);
  }
  return all;
}
