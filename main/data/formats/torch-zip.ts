import { dataError } from '../issue-log.ts';
import { decodeNpyValues, type NpyType } from './npy.ts';
import { isNode, isTorchName, readPickle, type PickleNode } from './pickle.ts';
import { readStoredZip, type ZipEntry } from './stored-zip.ts';

/** A dense tensor, row-major. */
export interface TorchDense {
  readonly form: 'dense';
  readonly shape: readonly number[];
  readonly values: Float64Array | Float32Array;
}

/** A sparse COO tensor of two dimensions as stored: entries may repeat and are in no order. */
export interface TorchSparse {
  readonly form: 'sparse';
  readonly shape: readonly [number, number];
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

export type TorchTensor = TorchDense | TorchSparse;

/** Most elements one tensor may unfold to; strides of 0 could otherwise claim any size. */
const mostElements = 2 ** 28;

const storageTypes: Readonly<Record<string, { type: NpyType | 'bfloat16'; itemBytes: number }>> = {
  FloatStorage: { type: 'float32', itemBytes: 4 },
  DoubleStorage: { type: 'float64', itemBytes: 8 },
  HalfStorage: { type: 'float16', itemBytes: 2 },
  BFloat16Storage: { type: 'bfloat16', itemBytes: 2 },
  LongStorage: { type: 'int64', itemBytes: 8 },
  IntStorage: { type: 'int32', itemBytes: 4 },
  ShortStorage: { type: 'int16', itemBytes: 2 },
  CharStorage: { type: 'int8', itemBytes: 1 },
  ByteStorage: { type: 'uint8', itemBytes: 1 },
  BoolStorage: { type: 'bool', itemBytes: 1 },
};

/**
 * Tensors of a `.pt` archive by name ('' for a file that holds one tensor). Layout, offset and strides come from the opcodes of
 * data.pkl, device text is ignored, nothing is run. Throws ProblemError `torch.*`, `zip.*` or `pickle.*` naming `file`.
 */
export function readTorchZip(bytes: Uint8Array, file: string): Map<string, TorchTensor> {
  const entries = readStoredZip(bytes, file);
  const pickled = entries.filter((entry) => entry.name === 'data.pkl' || entry.name.endsWith('/data.pkl'));
  if (pickled.length !== 1) throw fail(file, 'no-data', `The archive holds ${pickled.length} data.pkl entries, not one.`);
  const prefix = pickled[0]!.name.slice(0, -'data.pkl'.length);
  const order = entries.find((entry) => entry.name === `${prefix}byteorder`);
  const archive: Archive = {
    file,
    prefix,
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    isLittleEndian: order === undefined || new TextDecoder().decode(order.bytes).trim() !== 'big',
  };
  const root = readPickle(pickled[0]!.bytes, `${file}/data.pkl`, isTorchName);
  const tensors = new Map<string, TorchTensor>();
  const pairs = isNode(root, 'dict')
    ? root.entries
    : isNode(root, 'call') && root.callee === 'collections.OrderedDict'
      ? root.entries
      : undefined;
  if (pairs === undefined) tensors.set('', readTensor(root, archive));
  else
    for (const [key, value] of pairs.slice(0, 1000))
      if (typeof key === 'string' && isNode(value, 'call')) tensors.set(key, readTensor(value, archive));
  return tensors;
}

interface Archive {
  readonly file: string;
  readonly prefix: string;
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly isLittleEndian: boolean;
}

function fail(file: string, code: string, message: string) {
  return dataError({
    code: `torch.${code}`,
    message,
    where: file,
    fix: 'Save the tensor with torch.save from a current PyTorch, or delete the file: Avocet computes the graph.',
  });
}

function readTensor(node: PickleNode, archive: Archive, depth = 0): TorchTensor {
  if (!isNode(node, 'call') || depth > 3) throw fail(archive.file, 'not-tensor', 'The file does not hold a tensor.');
  switch (node.callee) {
    case 'torch._utils._rebuild_parameter':
      return readTensor(node.args[0] ?? null, archive, depth + 1);
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2': {
      const { shape, values } = readDense(node.args, archive);
      return { form: 'dense', shape, values: values instanceof Float32Array ? values : Float64Array.from(values, Number) };
    }
    case 'torch._utils._rebuild_sparse_tensor':
      return readSparse(node.args, archive);
    default:
      throw fail(archive.file, 'not-tensor', `The file holds ${node.callee}, not a tensor.`);
  }
}

function readSparse(args: readonly PickleNode[], archive: Archive): TorchSparse {
  const { file } = archive;
  const layout = args[0];
  if (!isNode(layout, 'call') || layout.args[0] !== 'torch.sparse_coo') throw fail(file, 'layout', 'The sparse tensor is not in COO form.');
  const parts = args[1];
  if (!isNode(parts, 'tuple') || parts.items.length < 3) throw fail(file, 'malformed', 'The sparse tensor lacks indices, values or size.');
  const [indexNode, valueNode, sizeNode] = parts.items;
  if (!isNode(indexNode, 'call') || !isNode(valueNode, 'call'))
    throw fail(file, 'malformed', 'Indices or values of the sparse tensor are not tensors.');
  const shape = integers(isNode(sizeNode, 'call') ? sizeNode.args[0] : sizeNode, file);
  if (shape.length !== 2) throw fail(file, 'shape', `The sparse tensor has ${shape.length} dimensions, not 2.`);
  const indices = readDense(indexNode.args, archive);
  const values = readDense(valueNode.args, archive);
  const count = values.shape[0] ?? 0;
  if (indices.shape.length !== 2 || indices.shape[0] !== 2 || indices.shape[1] !== count || values.shape.length !== 1) {
    throw fail(file, 'shape', `Indices [${indices.shape.join(', ')}] and values [${values.shape.join(', ')}] do not belong together.`);
  }
  const rows = new Int32Array(count);
  const columns = new Int32Array(count);
  for (let e = 0; e < count; e++) {
    const row = Number(indices.values[e]);
    const column = Number(indices.values[count + e]);
    if (!(Number.isInteger(row) && row >= 0 && row < shape[0]!) || !(Number.isInteger(column) && column >= 0 && column < shape[1]!)) {
      throw fail(file, 'index-out-of-range', `Entry ${e} lies at (${row}, ${column}), outside [${shape.join(', ')}].`);
    }
    rows[e] = row;
    columns[e] = column;
  }
  return { form: 'sparse', shape: [shape[0]!, shape[1]!], rows, columns, values: Float32Array.from(values.values, Number) };
}

function readDense(args: readonly PickleNode[], archive: Archive): { shape: number[]; values: ArrayLike<number | bigint> } {
  const { file } = archive;
  const storage = args[0];
  const offset = args[1];
  const shape = integers(args[2], file);
  const stride = integers(args[3], file);
  if (!isNode(storage, 'persistent') || !isNode(storage.id, 'tuple')) throw fail(file, 'malformed', 'A tensor has no storage.');
  if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < 0 || shape.length !== stride.length || shape.length > 8)
    throw fail(file, 'malformed', 'Shape, stride and offset of a tensor do not fit.');
  const [tag, kind, key] = storage.id.items;
  if (tag !== 'storage' || !isNode(kind, 'name') || typeof key !== 'string')
    throw fail(file, 'malformed', 'A storage is not described as PyTorch does.');
  const type = storageTypes[kind.name.slice(kind.name.lastIndexOf('.') + 1)];
  if (type === undefined) throw fail(file, 'storage-type', `Numbers of type ${kind.name} are not read.`);
  const entry = archive.entries.get(`${archive.prefix}data/${key}`);
  if (entry === undefined) throw fail(file, 'missing-storage', `The archive lacks data/${key.slice(0, 60)}.`);
  const stored = decodeStorage(entry.bytes, type, archive.isLittleEndian);
  const length = shape.reduce((product, size) => product * size, 1);
  if (length > mostElements) throw fail(file, 'too-large', `A tensor of [${shape.join(', ')}] is too large to read.`);
  const last = offset + shape.reduce((sum, size, axis) => sum + (size - 1) * stride[axis]!, 0);
  if (length > 0 && last >= stored.length)
    throw fail(file, 'outside-storage', `A tensor of [${shape.join(', ')}] reaches element ${last} of a storage with ${stored.length}.`);
  return { shape, values: unfold(stored, shape, stride, offset, length) };
}

function decodeStorage(
  bytes: Uint8Array,
  { type, itemBytes }: { type: NpyType | 'bfloat16'; itemBytes: number },
  isLittleEndian: boolean,
): ArrayLike<number | bigint> {
  if (type !== 'bfloat16') return decodeNpyValues(bytes, { type, itemBytes, isLittleEndian });
  const halves = decodeNpyValues(bytes, { type: 'uint16', itemBytes, isLittleEndian }) as Uint16Array;
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** Elements in row-major order, whatever the strides are. */
function unfold(
  stored: ArrayLike<number | bigint>,
  shape: readonly number[],
  stride: readonly number[],
  offset: number,
  length: number,
): ArrayLike<number | bigint> {
  let expected = 1;
  let isContiguous = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && stride[axis] !== expected) isContiguous = false;
    expected *= shape[axis]!;
  }
  if (isContiguous && stored instanceof Float32Array) return stored.subarray(offset, offset + length);
  const result: (number | bigint)[] | Float32Array =
    stored instanceof Float32Array ? new Float32Array(length) : new Array<number | bigint>(length);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let e = 0; e < length; e++) {
    result[e] = stored[at]! as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      at += stride[axis]!;
      if (index[axis]! < shape[axis]!) break;
      at -= shape[axis]! * stride[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

function integers(node: PickleNode | undefined, file: string): number[] {
  if (isNode(node, 'call') && node.callee === 'torch.Size') return integers(node.args[0], file);
  if (!isNode(node, 'tuple')) throw fail(file, 'malformed', 'A shape or stride is not a tuple.');
  return node.items.map((value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw fail(file, 'malformed', `A shape or stride holds ${String(value)}.`);
    return value;
  });
}
