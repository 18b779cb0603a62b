import { boolean, choice, integer, logNumber, number } from '#contract/model-card.ts';
import { csrFromEntries, isSymmetric } from '#data/csr.ts';
import type { Dataset, Modality } from '#data/dataset.ts';
import { trainEdges, userItemGraph } from '#data/graph.ts';
import {
  abs,
  add,
  addN,
  changing,
  concat,
  dispose,
  div,
  exp,
  expandDims,
  keep,
  leakyRelu,
  log,
  matMul,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  ones,
  onesLike,
  relu,
  reshape,
  scalar,
  sigmoid,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  square,
  step,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  values,
  variable,
  zeros,
  zerosLike,
} from '#engine/ops/basic.ts';
import { bprLoss } from '#engine/ops/bpr.ts';
import { gatherParts, gatherRows, segmentSum } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { frobenius, halfSquares } from '#engine/ops/norms.ts';
import { propagate, sparse, spmm } from '#engine/ops/sparse.ts';
import { defineModel } from '#models/define-model.ts';
import type { ModelContext } from '#models/define-model.ts';
import { batchRows, itemRows } from '#models/parts/batch-rows.ts';
import { dropoutMask, dropped } from '#models/parts/dropout.ts';
import { linearDefault, stackedXavierUniform, xavierNormal, xavierUniform } from '#models/parts/initial.ts';
import { apply, linear } from '#models/parts/linear.ts';
import { reg2, regF, regS, sameEntityNce } from '#models/parts/losses.ts';
import { cosineItemGraph } from '#models/parts/modal-graphs.ts';
import { splitNodes } from '#models/parts/nodes.ts';
import { Belongings } from '#models/parts/parameters.ts';
import { settings } from '#models/parts/settings.ts';

/**
 * Everything a model of the person's own may import, by the name it imports it under. Small on purpose and kept stable: what stands
 * here is described in avocet.d.ts (main/studio/own-models), and a test holds both to the same names.
 */
export const surface: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  avocet: {
    defineModel,
    // The card is checked by who reads the folder, which knows file and line.
    modelCard: <T>(card: T): T => card,
    integer,
    number,
    logNumber,
    choice,
    boolean,
  },
  'avocet/ops': {
    abs,
    add,
    addN,
    changing,
    concat,
    dispose,
    div,
    exp,
    expandDims,
    keep,
    leakyRelu,
    log,
    matMul,
    maximum,
    mean,
    minimum,
    mul,
    neg,
    ones,
    onesLike,
    relu,
    reshape,
    scalar,
    sigmoid,
    slice,
    softmax,
    softplus,
    split,
    sqrt,
    square,
    step,
    stopGradient,
    sub,
    sum,
    tanh,
    tensor1d,
    tensor2d,
    tidy,
    transpose,
    values,
    variable,
    zeros,
    zerosLike,
    bprLoss,
    gatherRows,
    gatherParts,
    segmentSum,
    infoNceRows,
    normaliseRows,
    frobenius,
    halfSquares,
    sparse,
    spmm,
    propagate,
  },
  'avocet/parts': {
    Belongings,
    settings,
    xavierUniform,
    xavierNormal,
    linearDefault,
    stackedXavierUniform,
    linear,
    apply,
    regF,
    reg2,
    regS,
    sameEntityNce,
    batchRows,
    itemRows,
    splitNodes,
    dropoutMask,
    dropped,
    isSymmetric,
    csrFromEntries,
    interactionGraph: (dataset: Dataset) => userItemGraph(trainEdges(dataset)),
    featureGraph: ({ dataset, itemGraph }: ModelContext, modality: Modality, k: number) =>
      cosineItemGraph({ dataset, source: itemGraph, k }, modality),
  },
};
