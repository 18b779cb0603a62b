import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { defineModel } from '../define-model.ts';
import type { Loss, Model, ModelContext, Representation } from '../define-model.ts';
import type { Batch } from '#data/batch.ts';
import { add, concat, div, exp, leakyRelu, matMul, mean, minimum, mul, neg, slice, softplus, sum, tidy } from '#engine/ops/basic.ts';
import { gatherParts, segmentSum } from '#engine/ops/gather.ts';
import { itemRows } from '../parts/batch-rows.ts';
import { xavierUniform } from '../parts/initial.ts';
import { reg2 } from '../parts/losses.ts';
import { Belongings } from '../parts/parameters.ts';
import type { Table } from '../parts/parameters.ts';
import { leakySlope } from '../parts/preference-tower.ts';
import { settings } from '../parts/settings.ts';
import { card } from './card.ts';
import { jointGraph } from './joint-graph.ts';
import type { JointGraph } from './joint-graph.ts';

/** e^40 times the edges of any node stays far below what float32 holds. */
const largestExponent = 40;

interface Layer {
  /** W₁ [d, d]. */
  readonly gather: Table;
  /** W [d, d] and w [3d + 3, 1], its rows for W e_h, W e_t, e_r and structure. */
  readonly project: Table | undefined;
  readonly weigh: Table | undefined;
}

interface KgInputs {
  /** Users, positives and negatives as rows of the stacked table. */
  readonly rows: readonly Int32Array[];
}

/** Attention over the joint graph of users, items and entities, weighed by vectors, relation and structure (models.md 3.5). */
class KgAttention implements Model {
  readonly parameters;
  readonly record;
  readonly #own = new Belongings();
  /** Users, items, entities: [M+N+E, d]. */
  readonly #nodes: Table;
  /** Relations and their inverses, [2(R+1), d]. */
  readonly #relations: Table;
  readonly #layers: readonly Layer[];
  readonly #graph: JointGraph;
  readonly #structure: Tensor2D | undefined;
  /** Edges of every node, [nodes, 1], where all weigh the same. */
  readonly #degrees: Tensor2D | undefined;
  readonly #sizes: { readonly users: number; readonly items: number; readonly width: number };
  readonly #batchSize: number;
  readonly #weight: number;

  constructor({ dataset, hyper, random, width, batchSize }: ModelContext) {
    const { number, choice, flag } = settings(hyper);
    const own = this.#own;
    const { users, items } = dataset;
    const graph = jointGraph(dataset, choice('graph') === 'all');
    const isLearnt = choice('attention') === 'learnt';
    const edges = graph.heads.length;
    this.#sizes = { users, items, width };
    this.#batchSize = batchSize;
    this.#weight = number('reg_weight');
    this.#graph = graph;
    const drawn = (name: string, rows: number, columns: number) =>
      own.table(name, xavierUniform(random.init, rows, columns), rows, columns);
    this.#nodes = drawn('nodes', graph.nodes, width);
    this.#relations = drawn('relations', graph.relations, width);
    this.#structure = isLearnt && flag('structure') ? own.constant(graph.structure, edges, 3) : undefined;
    this.#degrees = isLearnt ? undefined : own.constant(degreesOf(graph), graph.nodes, 1);
    const seen = 3 * width + (this.#structure === undefined ? 0 : 3);
    this.#layers = Array.from({ length: number('n_layers') }, (_, l) => ({
      gather: drawn(`layer ${l}.gather`, width, width),
      project: isLearnt ? drawn(`layer ${l}.project`, width, width) : undefined,
      weigh: isLearnt ? drawn(`layer ${l}.weigh`, seen, 1) : undefined,
    }));
    this.parameters = own.parameters;
    const { knowledge } = dataset;
    const triples =
      knowledge === undefined ? 'none' : `${knowledge.heads.length} triples from the ${knowledge.origin}, sha256 ${knowledge.hash}`;
    this.record = {
      'graph.joint': `${graph.nodes} nodes, ${edges} edges`,
      'graph.knowledge': choice('graph') === 'all' ? triples : 'left out',
    };
  }

  inputs({ users, positives, negatives }: Batch): KgInputs {
    return { rows: [users, itemRows(positives, this.#sizes.users), itemRows(negatives, this.#sizes.users)] };
  }

  loss({ rows }: KgInputs): Loss {
    const [user, positive, negative] = gatherParts(this.#vectors(), rows) as [Tensor2D, Tensor2D, Tensor2D];
    const score = (item: Tensor2D): Tensor2D => sum(mul(user, item), 1, true);
    // −log σ(x) and −log(1 − σ(x)).
    const entropy = mul(mean(add(softplus(neg(score(positive))), softplus(score(negative)))), 0.5) as Scalar;
    const reg = reg2(gatherParts(this.#nodes, rows), this.#batchSize);
    return { total: add(entropy, mul(reg, this.#weight)), terms: { entropy, reg } };
  }

  represent(): Representation {
    const { users, items, width } = this.#sizes;
    return tidy(() => {
      const all = this.#vectors();
      const columns = width * (1 + this.#layers.length);
      return { users: slice(all, [0, 0], [users, columns]), items: slice(all, [users, 0], [items, columns]) };
    });
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** Every node's vectors of all layers, joined: [M+N+E, (L+1)·d]. */
  #vectors(): Tensor2D {
    const { heads, kinds, tails, nodes } = this.#graph;
    const [relation] = gatherParts(this.#relations, [kinds]) as [Tensor2D];
    const layers: Tensor2D[] = [this.#nodes];
    for (const layer of this.#layers) {
      const x = layers[layers.length - 1]!;
      const powers = this.#powers(x, layer);
      const [neighbour] = gatherParts(x, [tails]) as [Tensor2D];
      const messages = mul(neighbour, relation) as Tensor2D;
      // Weights of a node's edges add up to 1; a node without edges takes nothing.
      const gathered =
        powers === undefined
          ? div(segmentSum([messages], [heads], nodes), add(this.#degrees!, 1e-16))
          : div(segmentSum([mul(messages, powers)], [heads], nodes), add(segmentSum([powers], [heads], nodes), 1e-16));
      layers.push(leakyRelu(matMul(add(x, gathered), layer.gather), leakySlope) as Tensor2D);
    }
    return concat(layers, 1) as Tensor2D;
  }

  /** e^logit of every edge, [edges, 1]; undefined where all neighbours weigh the same. */
  #powers(x: Tensor2D, { project, weigh }: Layer): Tensor2D | undefined {
    if (project === undefined || weigh === undefined) return undefined;
    const { width } = this.#sizes;
    const { heads, kinds, tails } = this.#graph;
    const part = (from: number, size: number): Tensor2D => slice(weigh, [from, 0], [size, 1]);
    // wᵀ[W e_h | W e_t | e_r] is a sum of what each node and each relation brings: computed for those, not for every edge.
    const node = matMul(x, matMul(project, concat([part(0, width), part(width, width)], 1))) as Tensor2D;
    const column = (at: number): Tensor2D => slice(node, [0, at], [node.shape[0], 1]);
    const [head] = gatherParts(column(0), [heads]) as [Tensor2D];
    const [tail] = gatherParts(column(1), [tails]) as [Tensor2D];
    const [relation] = gatherParts(matMul(this.#relations, part(2 * width, width)) as Tensor2D, [kinds]) as [Tensor2D];
    const logit = add(add(head, tail), relation) as Tensor2D;
    const whole = this.#structure === undefined ? logit : (add(logit, matMul(this.#structure, part(3 * width, 3))) as Tensor2D);
    return exp(minimum(leakyRelu(whole, leakySlope), largestExponent)) as Tensor2D;
  }
}

/** Edges of every node, [nodes]. */
function degreesOf({ nodes, heads }: JointGraph): Float32Array {
  const degrees = new Float32Array(nodes);
  for (const head of heads) degrees[head] = degrees[head]! + 1;
  return degrees;
}

export const kgattention = defineModel({ card, create: (context) => new KgAttention(context) });
