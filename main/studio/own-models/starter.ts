/** What "avocet model new NAME" writes: a small model that trains as it is, to be changed. A test compiles and trains it. */

export const starterCard = (id: string): string => `import { integer, logNumber, modelCard } from 'avocet';

/** What the studio shows of the model: its settings make the form, the command line, sweeps and tables. */
export const card = modelCard({
  // The name of this folder.
  id: '${id}',
  title: '${titleOf(id)}',
  summary: 'Ids spread over the graph of interactions; each layer has a weight that is learnt.',
  paper: { title: 'My model', year: ${new Date().getFullYear()} },
  // Features it needs: [] none, ['any'] one modality or more, or names such as ['image', 'text'].
  needs: [],
  stages: [],
  hyper: {
    n_layers: integer({ default: 2, min: 1, max: 8, label: 'Layers', grid: [1, 2, 3] }),
    reg_weight: logNumber({ default: 1e-4, min: 0, max: 1, label: 'Regularisation weight' }),
  },
  presets: [],
  ablations: [],
  // Next to LightGCN, for a first estimate of the time; later estimates come from your runs.
  cost: { perEdge: 1, perBatchRow: 1, typicalEpochs: 75 },
});
`;

export const starterModel = (id: string): string => `import { defineModel } from 'avocet';
import type { Batch, Loss, Model, ModelContext, Representation, SparseMatrix, Table, Tensor2D } from 'avocet';
import { add, addN, bprLoss, gatherParts, mul, slice, softmax, sparse, spmm, tidy } from 'avocet/ops';
import { Belongings, interactionGraph, itemRows, reg2, settings, splitNodes, stackedXavierUniform } from 'avocet/parts';
import { card } from './card.ts';

/** What a batch brings: rows of the stacked table of users and items. */
interface Inputs {
  readonly rows: readonly Int32Array[];
}

class ${titleOf(id).replace(/\W/g, '')}Model implements Model {
  readonly parameters;
  /** Lines for the record of a run. */
  readonly record = {};
  /** Tables and graphs that are freed together. */
  readonly #own = new Belongings();
  /** [E_U ; E_I], users first. */
  readonly #nodes: Table;
  /** One weight for each layer, [1, L + 1]. */
  readonly #weights: Table;
  readonly #graph: SparseMatrix;
  readonly #users: number;
  readonly #layers: number;
  readonly #regWeight: number;
  readonly #batchSize: number;

  constructor({ dataset, hyper, random, width, batchSize }: ModelContext) {
    const { number } = settings(hyper);
    const { users, items } = dataset;
    this.#users = users;
    this.#layers = number('n_layers');
    this.#regWeight = number('reg_weight');
    this.#batchSize = batchSize;
    // Starting values come from the run's own random numbers, so that equal seeds give equal runs.
    this.#nodes = this.#own.table('nodes', stackedXavierUniform(random.init, users, items, width), users + items, width);
    this.#weights = this.#own.table('layer weights', new Float32Array(this.#layers + 1), 1, this.#layers + 1);
    this.#graph = this.#own.graph(sparse(interactionGraph(dataset), { symmetric: true, split: users }));
    this.parameters = this.#own.parameters;
  }

  /** Work on the host: everything that differs from batch to batch, random draws included. */
  inputs({ users, positives, negatives }: Batch): Inputs {
    return { rows: [users, itemRows(positives, this.#users), itemRows(negatives, this.#users)] };
  }

  /** Tensors alone: the step is recorded once and played again. Read nothing back, draw nothing here. */
  loss({ rows }: Inputs): Loss {
    const [user, positive, negative] = gatherParts(this.#vectors(), rows);
    const bpr = bprLoss(user!, positive!, negative!, 0);
    const reg = reg2(gatherParts(this.#nodes, rows), this.#batchSize);
    return { total: add(bpr, mul(reg, this.#regWeight)), terms: { bpr, reg } };
  }

  /** Vectors whose dot products rank. */
  represent(): Representation {
    return tidy(() => splitNodes(this.#vectors(), this.#users));
  }

  dispose(): void {
    this.#own.dispose();
  }

  /** Σ_l w_l · Âˡ E with weights that add up to 1. */
  #vectors(): Tensor2D {
    const weights = softmax(this.#weights);
    const layers: Tensor2D[] = [];
    let layer: Tensor2D = this.#nodes;
    for (let l = 0; l <= this.#layers; l++) {
      if (l > 0) layer = spmm(this.#graph, layer);
      layers.push(mul(layer, slice(weights, [0, l], [1, 1])));
    }
    return addN(layers);
  }
}

export const model = defineModel({ card, create: (context) => new ${titleOf(id).replace(/\W/g, '')}Model(context) });
`;

/** For editors: avocet.d.ts beside it says what can be imported. */
export const starterSettings = `${JSON.stringify(
  {
    compilerOptions: {
      strict: true,
      noUncheckedIndexedAccess: true,
      target: 'ES2022',
      lib: ['ES2022'],
      module: 'ESNext',
      moduleResolution: 'Bundler',
      allowImportingTsExtensions: true,
      verbatimModuleSyntax: true,
      noEmit: true,
      types: [],
    },
    include: ['**/*.ts'],
  },
  null,
  2,
)}\n`;

function titleOf(id: string): string {
  return id
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join(' ');
}
