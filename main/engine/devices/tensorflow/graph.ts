/** A recorded step as a function of TensorFlow. */
import type { GraphOutput, Pointer } from './c-api.ts';
import { types } from './session.ts';
import type { Attributes, HostValues, Session } from './session.ts';
import { writes } from './trace.ts';
import type { Source, TraceNode } from './trace.ts';

/** What the function is given, in order. */
export type Argument = Extract<Source, { kind: 'array' | 'matrix' | 'scatter' | 'chosen' | 'number' | 'outside' }>;

export interface StepFunction {
  readonly name: string;
  readonly inputs: readonly Argument[];
}

export interface Recorded {
  readonly nodes: readonly TraceNode[];
  /** Results to hand out. */
  readonly outputs: readonly Extract<Source, { kind: 'result' }>[];
}

/** Builds the function and gives it to the session's context. Throws DeviceError where TensorFlow refuses a part of it. */
export function makeFunction(session: Session, name: string, recorded: Recorded): StepFunction {
  const { api } = session;
  const graph = api.TF_NewGraph();
  try {
    const builder = new Builder(session, graph, recorded);
    const outputs = builder.build();
    const inputs = [...builder.inputs.values()];
    const made = session.call('compile', (status) =>
      api.TF_GraphToFunctionWithControlOutputs(
        ...([graph, name, 0, -1, 0n] as const),
        ...([inputs.length, packed(inputs.map(({ output }) => output)), outputs.length, packed(outputs), 0n] as const),
        ...([builder.writes.length, BigUint64Array.from(builder.writes), 0n, 0n, 0n, status] as const),
      ),
    );
    session.call('compile', (status, context) => api.TFE_ContextAddFunction(context, made, status));
    api.TF_DeleteFunction(made);
    return { name, inputs: inputs.map(({ source }) => source) };
  } finally {
    api.TF_DeleteGraph(graph);
  }
}

/** TF_Output[] as C lays it out: an address, an int, four bytes of padding. */
function packed(outputs: readonly GraphOutput[]): BigUint64Array {
  return BigUint64Array.from(outputs.flatMap(({ oper, index }) => [oper, BigInt(index)]));
}

class Builder {
  readonly inputs = new Map<string, { source: Argument; output: GraphOutput }>();
  readonly writes: Pointer[] = [];
  readonly #session: Session;
  readonly #graph: Pointer;
  readonly #recorded: Recorded;
  readonly #results = new Map<number, Pointer>();
  readonly #constants = new Map<HostValues, GraphOutput>();
  readonly #reads = new Map<Pointer, GraphOutput>();
  #count = 0;

  constructor(session: Session, graph: Pointer, recorded: Recorded) {
    this.#session = session;
    this.#graph = graph;
    this.#recorded = recorded;
  }

  /** Adds everything the outputs and the writes need, and returns the outputs. */
  build(): GraphOutput[] {
    const { nodes, outputs } = this.#recorded;
    const needed = neededNodes(this.#recorded);
    const isWrite = (node: number): boolean => nodes[node]!.name === writes;
    for (const node of needed) if (!isWrite(node)) this.#add(node, []);
    // Parameters are written when everything that reads them has run.
    const used = new Set(needed.filter((node) => !isWrite(node)).flatMap((node) => resultsIn(nodes[node]!)));
    const last = needed.filter((node) => !isWrite(node) && !used.has(node)).map((node) => this.#results.get(node)!);
    const barrier = this.#operation('NoOp', [], {}, last);
    for (const node of needed) if (isWrite(node)) this.writes.push(this.#add(node, [barrier]));
    return outputs.map((source) => this.#outputOf(source));
  }

  #add(node: number, after: readonly Pointer[]): Pointer {
    const { name, inputs, attributes } = this.#recorded.nodes[node]!;
    const made = this.#operation(
      name,
      inputs.map((source) => this.#outputOf(source)),
      attributes,
      after,
    );
    this.#results.set(node, made);
    return made;
  }

  #outputOf(source: Source): GraphOutput {
    switch (source.kind) {
      case 'result':
        return { oper: this.#results.get(source.node)!, index: source.output };
      case 'constant':
        return cached(this.#constants, source.host, () => this.#constant(source.host));
      case 'parameter':
        return cached(this.#reads, source.resource, () => {
          const resource = this.#input({ kind: 'outside', handle: source.resource });
          return { oper: this.#operation('ReadVariableOp', [resource], { dtype: { type: types.float } }, []), index: 0 };
        });
      case 'unusable':
        throw new Error(`tensorflow: a step cannot be compiled: ${source.why}`);
      default:
        return this.#input(source);
    }
  }

  #input(source: Argument): GraphOutput {
    const key = Object.values(source).map(String).join(' ');
    return cached(this.inputs, key, () => ({ source, output: this.#placeholder(source) })).output;
  }

  #placeholder(source: Argument): GraphOutput {
    const { api } = this.#session;
    const output = { oper: this.#operation('Placeholder', [], this.#describe(source), []), index: 0 };
    const matrix = this.#matrixShape(source);
    if (matrix !== undefined) {
      const proto = handleProto(matrix);
      this.#session.call('compile', (status) => api.TF_SetHandleShapeAndType(this.#graph, output, proto, proto.length, status));
    }
    return output;
  }

  #matrixShape(source: Argument): readonly [number, number] | undefined {
    switch (source.kind) {
      case 'matrix':
        return source.size;
      case 'scatter':
      case 'chosen':
        return [source.height, source.count];
      case 'outside':
        return this.#session.matrixShapes.get(source.handle);
      default:
        return undefined;
    }
  }

  #describe(source: Argument): Attributes {
    switch (source.kind) {
      case 'array':
      case 'matrix':
        return { dtype: { type: source.type }, shape: { shape: source.shape } };
      case 'scatter':
      case 'chosen':
        return { dtype: { type: types.variant }, shape: { shape: [] } };
      case 'number':
        return { dtype: { type: types.float }, shape: { shape: [] } };
      case 'outside':
        return { dtype: { type: this.#session.typeOf(source.handle) }, shape: { shape: this.#session.shapeOf(source.handle) } };
    }
  }

  #constant({ values, shape, type }: HostValues): GraphOutput {
    const tensor = this.#session.tensor(values, shape, type);
    const made = this.#operation('Const', [], { dtype: { type }, value: { tensor } }, []);
    this.#session.api.TF_DeleteTensor(tensor);
    return { oper: made, index: 0 };
  }

  #operation(type: string, inputs: readonly GraphOutput[], attributes: GraphAttributes, after: readonly Pointer[]): Pointer {
    const { api } = this.#session;
    const description = api.TF_NewOperation(this.#graph, type, `o${this.#count++}`);
    // Ops with an N take a list of so many inputs, and then single ones.
    const listed = attributes['N'] !== undefined && 'int' in attributes['N'] ? attributes['N'].int : 0;
    if (listed > 0) api.TF_AddInputList(description, packed(inputs.slice(0, listed)), listed);
    for (const input of inputs.slice(listed)) api.TF_AddInput(description, input);
    for (const operation of after) api.TF_AddControlInput(description, operation);
    for (const [name, value] of Object.entries(attributes)) this.#set(description, name, value);
    return this.#session.call(`compile ${type}`, (status) => api.TF_FinishOperation(description, status));
  }

  #set(description: Pointer, name: string, value: GraphAttributes[string]): void {
    const { api } = this.#session;
    if ('type' in value) api.TF_SetAttrType(description, name, value.type);
    else if ('bool' in value) api.TF_SetAttrBool(description, name, value.bool ? 1 : 0);
    else if ('int' in value) api.TF_SetAttrInt(description, name, value.int);
    else if ('float' in value) api.TF_SetAttrFloat(description, name, value.float);
    else if ('text' in value) api.TF_SetAttrString(description, name, Buffer.from(value.text), Buffer.byteLength(value.text));
    else if ('shape' in value) api.TF_SetAttrShape(description, name, BigInt64Array.from(value.shape, BigInt), value.shape.length);
    else if ('ints' in value) api.TF_SetAttrIntList(description, name, BigInt64Array.from(value.ints, BigInt), value.ints.length);
    else this.#session.call('compile', (status) => api.TF_SetAttrTensor(description, name, value.tensor, status));
  }
}

type GraphAttributes = Readonly<Record<string, Attributes[string] | { readonly tensor: Pointer }>>;

function cached<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

function resultsIn(node: TraceNode): number[] {
  return node.inputs.flatMap((source) => (source.kind === 'result' ? [source.node] : []));
}

/** The nodes that outputs and writes depend on, in the order they ran. */
function neededNodes({ nodes, outputs }: Recorded): number[] {
  const needed = new Set(outputs.map(({ node }) => node));
  for (let node = nodes.length - 1; node >= 0; node--) {
    if (!needed.has(node) && nodes[node]!.name !== writes) continue;
    needed.add(node);
    for (const result of resultsIn(nodes[node]!)) needed.add(result);
  }
  return [...needed].sort((a, b) => a - b);
}

/**
 * HandleData of a float32 matrix, which the shape function of the sparse product asks for: { is_set: 1 = true, shape_and_type: 2 =
 * { shape: 1 = { dim: 2 = { size: 1 } … }, dtype: 2 } }.
 */
function handleProto(shape: readonly number[]): Uint8Array {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  const message = (field: number, bytes: readonly number[]): number[] => [(field << 3) | 2, ...varint(bytes.length), ...bytes];
  const dims = shape.flatMap((extent) => message(2, [0x08, ...varint(extent)]));
  const content = [...message(1, dims), 0x10, types.float];
  return Uint8Array.from([0x08, 1, ...message(2, content)]);
}
