import { tensor as makeTensor } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { HyperValues } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation, StageRequest } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import type { Dataset } from '#data/dataset.ts';
import type { Streams } from '#data/random.ts';
import { historyOf, sequencesOf } from '#data/sequences.ts';
import type { Sequences } from '#data/sequences.ts';
import { add, addN, concat, mul, reshape, slice, sum, tensor1d, tensor2d, tidy, values } from '#engine/ops/basic.ts';
import { gatherRows } from '#engine/ops/gather.ts';
import { infoNceRows } from '#engine/ops/info-nce.ts';
import { normaliseRows } from '#engine/ops/normalise.ts';
import { xavierUniform } from '../parts/initial.ts';
import { meanOf, sameEntityNce } from '../parts/losses.ts';
import { lookingOf, packHistories } from '../parts/packed-histories.ts';
import type { PackedHistories } from '../parts/packed-histories.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { closed, SequenceEncoder } from '../parts/sequence-encoder.ts';
import type { EncoderMasks } from '../parts/sequence-encoder.ts';
import { settings } from '../parts/settings.ts';
import { placesOf } from './batch-places.ts';
import type { BatchPlaces } from './batch-places.ts';
import { card } from './card.ts';
import { ResidualQuantiser, straightThrough } from './quantiser.ts';
import { codesOf, jointBin, runningNumbers, unitRows } from './semantic-ids.ts';
import type { SemanticIds } from './semantic-ids.ts';
import { Separation } from './separation.ts';

/** Items whose codes are found at once, and rows of packed histories that are scored at once: some tens of MB. */
const [itemsAtOnce, rowsAtOnce] = [2048, 256];

/** Histories in packed rows, and which of the step's items stands in each slot. */
interface Histories {
  /** Place among the step's items of each slot. */
  readonly slots: Int32Array;
  readonly positions: Int32Array;
  /** Row of the bias table for each pair of slots; see parts/packed-histories.ts. */
  readonly looks: Int32Array;
  readonly rows: number;
}

/** Items as the sequence model reads them: ids, codes of each level, running numbers. */
interface InputItems {
  readonly ids: Int32Array;
  readonly codes: readonly Int32Array[];
  readonly numbers: Int32Array;
}

interface BbqrecInputs extends Omit<BatchPlaces, 'packed' | 'ids' | 'slots'> {
  readonly items: InputItems;
  readonly histories: Histories;
  readonly masks: EncoderMasks;
}

/** Modality m: its raw rows on the device and how they are taken apart. */
interface Modal {
  readonly features: Tensor2D;
  readonly parts: Separation;
}

/** Codes [items, levels] as floats, and nrm(ŷ_m) of each modality. */
interface Assigned {
  readonly codes: Float32Array;
  readonly modal: readonly Float32Array[];
}

/** A next-item model over semantic ids and similarity bins (models.md 3.3). */
class Bbqrec implements Model {
  readonly parameters;
  readonly kept;
  readonly record;
  readonly #own = new Belongings();
  readonly #dataset: Dataset;
  readonly #train: Sequences;
  readonly #validation: Sequences;
  readonly #random: Streams;
  readonly #width: number;
  readonly #length: number;
  readonly #heads: number;
  readonly #bins: number;
  readonly #hyper: ReturnType<typeof settings>;
  /** E_I [N, w]. */
  readonly #items: Table;
  readonly #positions: Table;
  readonly #encoder: SequenceEncoder;
  readonly #hasIds: boolean;
  /**
   * γ [heads · |𝓜|, bins − 1], head by head. That of the last bin, where an item meets itself, stays 0: softmax sees differences alone, and
   * while all items have one code there is none to learn from.
   */
  readonly #gamma: Table | undefined;
  /** Vectors of running numbers [N, w]. */
  readonly #extra: Table | undefined;
  readonly #modal: readonly Modal[];
  readonly #quantiser: ResidualQuantiser | undefined;
  /** nrm(β) [N, w]. */
  readonly #behaviour: Tensor2D | undefined;
  readonly #keptCodes: Table | undefined;
  readonly #keptModal: readonly Table[];
  #present: SemanticIds | undefined;

  constructor({ dataset, hyper, random, width, stages }: ModelContext) {
    const read = settings(hyper);
    const { number, choice } = read;
    const own = this.#own;
    this.#hyper = read;
    this.#dataset = dataset;
    this.#random = random;
    this.#width = width;
    this.#length = number('max_length');
    this.#heads = number('n_heads');
    this.#bins = number('bins');
    this.#train = sequencesOf(dataset.train, dataset.users);
    this.#validation = sequencesOf(dataset.validation, dataset.users);
    this.#items = own.table('items', xavierUniform(random.init, dataset.items, width), dataset.items, width);
    this.#positions = own.table('positions', xavierUniform(random.init, this.#length, width), this.#length, width);
    if (width % this.#heads !== 0) throw unevenHeads(width, this.#heads);
    const shape = { width, layers: number('n_layers'), heads: this.#heads, dropout: number('dropout') };
    this.#encoder = new SequenceEncoder(own, random.init, shape);
    this.#hasIds = choice('semantic_ids') === 'on';
    const isWeighted = choice('attention') === 'similarity';
    const isQuantised = this.#hasIds || isWeighted;
    const { modalities } = dataset;
    this.#gamma = isWeighted
      ? own.table(
          'gamma',
          new Float32Array(this.#heads * modalities.length * (this.#bins - 1)),
          this.#heads * modalities.length,
          this.#bins - 1,
        )
      : undefined;
    this.#extra = this.#hasIds ? own.table('extra', xavierUniform(random.init, dataset.items, width), dataset.items, width) : undefined;
    this.#modal = isQuantised
      ? modalities.map(({ name, width: features, values: raw }) => ({
          features: own.constant(raw, dataset.items, features),
          parts: new Separation(own, random.init, name, {
            features,
            hidden: number('hidden'),
            width,
            reconstructs: number('recon_weight') > 0,
            bounds: number('mi_weight') > 0,
          }),
        }))
      : [];
    const books = { levels: number('levels'), codes: number('codes'), width, commitment: number('commitment') };
    this.#quantiser = isQuantised ? new ResidualQuantiser(own, random.init, books) : undefined;
    const behaviour = isQuantised && choice('behaviour') === 'on' ? stages['behaviour'] : undefined;
    this.#behaviour = behaviour === undefined ? undefined : own.normalised(behaviour.items, dataset.items, behaviour.width);
    this.#keptCodes = isQuantised ? own.keptTable('codes', dataset.items, books.levels) : undefined;
    this.#keptModal = isWeighted ? modalities.map(({ name }) => own.keptTable(`quantised.${name}`, dataset.items, width)) : [];
    if (isQuantised) this.#keepIds(this.#assigned());
    this.parameters = own.parameters;
    this.kept = own.kept;
    this.record = {
      'sequence.order': dataset.fingerprint.sequenceHash ?? 'file order',
      'sequence.longest': longest(this.#train),
      'semantic-ids': isQuantised ? `${books.levels} × ${books.codes} codes, renewed each epoch` : 'off',
      'attention.bins': isWeighted ? `${this.#bins} of each of ${modalities.length} modalities` : 'off',
    };
  }

  /** Codes follow the encoders: they are found anew for all items. */
  beforeEpoch(): void {
    if (this.#quantiser !== undefined) this.#keepIds(this.#assigned());
  }

  inputs(batch: Batch): BbqrecInputs {
    const random = this.#random.dropout;
    const wanted = { train: this.#train, itemCount: this.#dataset.items, length: this.#length, random };
    const { packed, ids, slots, ...places } = placesOf(batch, wanted);
    return {
      items: this.#inputItems(ids),
      histories: this.#layout(packed, slots),
      masks: this.#encoder.masks(random, packed.items.length),
      ...places,
    };
  }

  loss({ items, histories, masks, last, weights, pairs, targets, positives, shares, shuffled }: BbqrecInputs): Loss {
    const { number } = this.#hyper;
    const inputs = this.#vectors(items);
    const states = gatherRows(this.#states(inputs, histories, masks), last);
    const keys = normaliseRows(gatherRows(inputs, targets));
    const losses = infoNceRows(normaliseRows(states), keys, pairs, number('tau'));
    const terms: Record<string, Scalar> = { sequence: sum(mul(losses, tensor1d(weights))) };
    const total: Scalar[] = [terms['sequence']!];
    const weigh = (name: string, parts: readonly Scalar[], weight: number): void => {
      if (parts.length === 0 || weight === 0) return;
      terms[name] = addAll(parts);
      total.push(mul(terms[name], weight));
    };
    if (this.#quantiser !== undefined) {
      const share = tensor2d(shares, [shares.length, 1]);
      const read = this.#modal.map(({ features, parts }) => {
        const x = gatherRows(features, positives.ids);
        return { x, parts, apart: parts.apart(x) };
      });
      const shared = read.map(({ apart }) => apart.shared);
      const y = mul(addAll(shared), 1 / shared.length) as Tensor2D;
      const quantised = this.#quantiser.quantise(y);
      const beta = this.#behaviour === undefined ? undefined : gatherRows(this.#behaviour, positives.ids);
      const aligned = (x: Tensor2D): Scalar => meanOf(sameEntityNce(normaliseRows(x), beta!, positives, number('align_tau')));
      if (beta !== undefined) weigh('behaviour', shared.map(aligned), number('beh_weight'));
      if (number('mi_weight') > 0) {
        weigh(
          'mutual',
          read.map(({ parts, apart }) => parts.mutual(apart, shuffled)),
          number('mi_weight'),
        );
        weigh(
          'fit',
          read.map(({ parts, apart }) => parts.fit(apart, share)),
          1,
        );
      }
      const distance = sum(mul(quantised.distance, share)) as Scalar;
      weigh('quantise', [distance, ...(beta === undefined ? [] : [aligned(straightThrough(y, quantised.values))])], 1);
      if (number('recon_weight') > 0)
        weigh(
          'reconstruct',
          read.map(({ x, parts, apart }) => parts.reconstruction(x, apart, share)),
          number('recon_weight'),
        );
    }
    return { total: addAll(total), terms };
  }

  represent(rankedFor: 'validation' | 'test' = 'validation'): Representation {
    this.#present = undefined;
    const everything = Int32Array.from({ length: this.#dataset.items }, (_, item) => item);
    return tidy(() => {
      const items = this.#vectors(this.#inputItems(everything));
      const users = this.#lastStates(items, this.#histories(rankedFor));
      const isCosine = this.#hyper.choice('score') === 'cosine';
      return isCosine ? { users: normaliseRows(users), items: normaliseRows(items) } : { users, items };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** What is known of every user before the part that is ranked. */
  #histories(rankedFor: 'validation' | 'test'): Int32Array[] {
    return Array.from({ length: this.#dataset.users }, (_, user) => {
      const train = historyOf(this.#train, user);
      return rankedFor === 'validation' ? train : Int32Array.from([...train, ...historyOf(this.#validation, user)]);
    });
  }

  /** Last states of all histories [histories, w], some rows at a time; 0 where there is none. `inputs` are those of all items. */
  #lastStates(inputs: Tensor2D, histories: readonly Int32Array[]): Tensor2D {
    const found = new Float32Array(histories.length * this.#width);
    const some = histories.flatMap((history, user) => (history.length > 0 ? [user] : []));
    // As many histories as fit into the rows whatever their lengths are.
    const atOnce = rowsAtOnce;
    for (let from = 0; from < some.length; from += atOnce) {
      const own = some.slice(from, from + atOnce);
      const packed = packHistories(
        own.map((user) => histories[user]!),
        this.#length,
        1,
      );
      const states = tidy(() => values(gatherRows(this.#states(inputs, this.#layout(packed, packed.items)), packed.last)));
      own.forEach((user, row) => found.set(states.subarray(row * this.#width, (row + 1) * this.#width), user * this.#width));
    }
    return tensor2d(found, [histories.length, this.#width]);
  }

  #layout(packed: PackedHistories, slots: Int32Array): Histories {
    const ids = this.#gamma === undefined ? undefined : this.#ids();
    const kinds = ids === undefined ? 1 : this.#bins ** ids.modal.length;
    const looks = lookingOf(packed, kinds, (looking, seen) =>
      ids === undefined ? 0 : jointBin(ids, packed.items[looking]!, packed.items[seen]!, this.#bins),
    );
    return { slots, positions: packed.positions, looks, rows: packed.rows };
  }

  /** E_I + Σ_l C_l[c_l] + the vector of the running number, one row an item. */
  #vectors({ ids, codes, numbers }: InputItems): Tensor2D {
    const own = gatherRows(this.#items, ids);
    if (!this.#hasIds) return own;
    const meant = this.#quantiser!.codebooks.map((codebook, level) => gatherRows(codebook, codes[level]!));
    return addN<Tensor2D>([own, ...meant, gatherRows(this.#extra!, numbers)]);
  }

  #states(inputs: Tensor2D, { slots, positions, looks, rows }: Histories, masks?: EncoderMasks): Tensor2D {
    const x = add(gatherRows(inputs, slots), gatherRows(this.#positions, positions)) as Tensor2D;
    return this.#encoder.states(x, this.#biases(looks, rows), masks);
  }

  /** Of each head Σ_m γ[head, m, bin], and −1e9 where a slot may not look: [rows, length, length]. */
  #biases(looks: Int32Array, rows: number): Tensor[] {
    const shape = [rows, this.#length, this.#length];
    const bias = (open: Tensor2D): Tensor => reshape(gatherRows(concat([open, tensor2d([closed], [1, 1])], 0), looks), shape);
    const gamma = this.#gamma;
    if (gamma === undefined) {
      const plain = bias(tensor2d([0], [1, 1]));
      return Array.from({ length: this.#heads }, () => plain);
    }
    const [bins, modalities] = [this.#bins, this.#modal.length];
    return Array.from({ length: this.#heads }, (_, head) => {
      const of = (m: number): Tensor2D =>
        concat([slice(gamma, [head * modalities + m, 0], [1, bins - 1]) as Tensor2D, tensor2d([0], [1, 1])], 1);
      // Sums over all combinations of bins, in the order of `jointBin`.
      let joint = reshape(of(0), [bins, 1]) as Tensor2D;
      for (let m = 1; m < modalities; m++) joint = reshape(add(joint, of(m)), [joint.size * bins, 1]) as Tensor2D;
      return bias(joint);
    });
  }

  #inputItems(ids: Int32Array): InputItems {
    if (!this.#hasIds) return { ids, codes: [], numbers: new Int32Array(0) };
    const semantic = this.#ids();
    return { ids, codes: codesOf(semantic, ids), numbers: ids.map((item) => semantic.numbers[item]!) };
  }

  /** Codes and unit vectors of all items by the parameters of now. */
  #assigned(): Assigned {
    const { items } = this.#dataset;
    const levels = this.#quantiser!.codebooks.length;
    const codes = new Float32Array(items * levels);
    const modal = this.#keptModal.map(() => new Float32Array(items * this.#width));
    for (let from = 0; from < items; from += itemsAtOnce) {
      const rows = Int32Array.from({ length: Math.min(itemsAtOnce, items - from) }, (_, row) => from + row);
      tidy(() => {
        const shared = this.#modal.map(({ features, parts }) => parts.shared(gatherRows(features, rows)));
        const y = mul(addAll(shared), 1 / shared.length) as Tensor2D;
        codes.set(values(this.#quantiser!.quantise(y).codes).map(Math.round), from * levels);
        modal.forEach((table, m) => table.set(values(this.#quantiser!.quantise(shared[m]!).values), from * this.#width));
      });
    }
    return { codes, modal: modal.map((table) => unitRows(table, this.#width)) };
  }

  #keepIds({ codes, modal }: Assigned): void {
    put(this.#keptCodes!, codes);
    modal.forEach((table, m) => put(this.#keptModal[m]!, table));
    this.#present = undefined;
  }

  /** The ids in force: those of the epoch, or of a checkpoint that was read. */
  #ids(): SemanticIds {
    if (this.#present !== undefined) return this.#present;
    const codes = Int32Array.from(values(this.#keptCodes!));
    const levels = this.#quantiser!.codebooks.length;
    const modal = this.#keptModal.map((table) => values(table));
    this.#present = { codes, levels, numbers: runningNumbers(codes, levels), modal, width: this.#width };
    return this.#present;
  }
}

function unevenHeads(width: number, heads: number): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'config.setting',
    message: `BBQRec: n_heads must divide the width ${width}, found ${heads}`,
    values: { model: card.id, key: 'n_heads', value: heads },
    fix: 'Choose a number of heads that divides the width.',
  });
}

/** Sums in their order; one alone as it is. */
function addAll<T extends Tensor>(terms: readonly T[]): T {
  return terms.length === 1 ? terms[0]! : addN<T>([...terms]);
}

function put(table: Variable, next: Float32Array): void {
  const loaded = makeTensor(next, table.shape, 'float32');
  table.assign(loaded);
  loaded.dispose();
}

function longest({ offsets }: Sequences): number {
  return offsets.reduce((most, end, user) => (user === 0 ? 0 : Math.max(most, end - offsets[user - 1]!)), 0);
}

/** Behaviour vectors of a trained LightGCN, where anything is aligned with them. */
function stages(hyper: HyperValues): StageRequest[] {
  const isQuantised = hyper['semantic_ids'] === 'on' || hyper['attention'] === 'similarity';
  return isQuantised && hyper['behaviour'] === 'on' ? [{ id: 'behaviour', model: 'lightgcn', hyper: {} }] : [];
}

export const bbqrec = defineModel({ card, stages, create: (context) => new Bbqrec(context) });
