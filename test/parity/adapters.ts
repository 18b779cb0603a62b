import type { Adapter } from './adapter.ts';
import { bm3 } from './adapters/bm3.ts';
import { bpr } from './adapters/bpr.ts';
import { damrs } from './adapters/damrs.ts';
import { dmicf } from './adapters/dmicf.ts';
import { dragon } from './adapters/dragon.ts';
import { dualgnn } from './adapters/dualgnn.ts';
import { freedom } from './adapters/freedom.ts';
import { grcn } from './adapters/grcn.ts';
import { gume } from './adapters/gume.ts';
import { igdmrec } from './adapters/igdmrec.ts';
import { itemknn } from './adapters/itemknn.ts';
import { lattice } from './adapters/lattice.ts';
import { layergcn } from './adapters/layergcn.ts';
import { lgmrec } from './adapters/lgmrec.ts';
import { lightgcn } from './adapters/lightgcn.ts';
import { mentor } from './adapters/mentor.ts';
import { mgcn } from './adapters/mgcn.ts';
import { mmgcf } from './adapters/mmgcf.ts';
import { mmgcn } from './adapters/mmgcn.ts';
import { mvgae } from './adapters/mvgae.ts';
import { pgl } from './adapters/pgl.ts';
import { selfcf } from './adapters/selfcf.ts';
import { slmrec } from './adapters/slmrec.ts';
import { smore } from './adapters/smore.ts';
import { vbpr } from './adapters/vbpr.ts';

/** By the key of a reference file. A new model is one file in adapters/ and one line here. */
export const adapters: Readonly<Record<string, Adapter>> = {
  bpr,
  freedom,
  lightgcn,
  mgcn,
  vbpr,
  layergcn,
  selfcfed_lgn: selfcf,
  bm3,
  itemknncbf: itemknn,
  'mmgcf-a': mmgcf,
  'mmgcf-b': mmgcf,
  'mmgcf-c': mmgcf,
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
};
