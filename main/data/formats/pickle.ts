import { dataError } from '../issue-log.ts';

/**
 * Pickle protocols 2–5 read into inert nodes. Nothing is imported, called or evaluated: a callable is only a name, checked
 * against the reader's allow-list the moment it appears, and a call is only a node that says "this name with these arguments".
 */
export type PickleNode =
  null | boolean | number | bigint | string | Uint8Array | PickleList | PickleDict | PickleName | PickleCall | PicklePersistent;

export interface PickleList {
  readonly node: 'list' | 'tuple' | 'set';
  readonly items: PickleNode[];
}

export interface PickleDict {
  readonly node: 'dict';
  readonly entries: [PickleNode, PickleNode][];
}

/** A callable by name, e.g. torch._utils._rebuild_tensor_v2. */
export interface PickleName {
  readonly node: 'name';
  readonly name: string;
}

/** What a REDUCE, NEWOBJ or BUILD would have made. `entries` are key–value pairs set afterwards (ordered dicts). */
export interface PickleCall {
  readonly node: 'call';
  readonly callee: string;
  readonly args: readonly PickleNode[];
  readonly entries: [PickleNode, PickleNode][];
  state?: PickleNode;
}

/** A reference to something outside the pickle: a storage of a `.pt` file. */
export interface PicklePersistent {
  readonly node: 'persistent';
  readonly id: PickleNode;
}

export interface PickleLimits {
  /** Opcodes executed. */
  readonly operations: number;
  /** Entries of memo and stack. */
  readonly entries: number;
  /** Bytes of one string. */
  readonly stringBytes: number;
}

const defaultPickleLimits: PickleLimits = { operations: 2_000_000, entries: 500_000, stringBytes: 64 * 1024 * 1024 };

/** Names NumPy and SciPy pickles of arrays and sparse matrices use, old and new module paths. */
export const arrayNames: ReadonlySet<string> = new Set([
  ...['coo', '_coo'].flatMap((module) => [`scipy.sparse.${module}.coo_matrix`, `scipy.sparse.${module}.coo_array`]),
  ...['csr', '_csr'].flatMap((module) => [`scipy.sparse.${module}.csr_matrix`, `scipy.sparse.${module}.csr_array`]),
  ...['core', '_core'].flatMap((module) => [
    `numpy.${module}.multiarray._reconstruct`,
    `numpy.${module}.multiarray.scalar`,
    `numpy.${module}.numeric._frombuffer`,
  ]),
  'numpy.ndarray',
  'numpy.dtype',
  '_codecs.encode',
  'collections.OrderedDict',
]);

/** Names a `.pt` file may use: tensors, storages, sizes, layouts, ordered dicts. */
export function isTorchName(name: string): boolean {
  return (
    /^torch\._utils\._rebuild_(sparse_tensor|tensor|tensor_v2|parameter)$/.test(name) ||
    /^torch\.[A-Za-z0-9]+Storage$/.test(name) ||
    name === 'torch.storage.UntypedStorage' ||
    name === 'torch.Size' ||
    name === 'torch.serialization._get_layout' ||
    name === 'collections.OrderedDict'
  );
}

/** The value of a pickle. Throws ProblemError `pickle.forbidden` (naming the callable), `pickle.truncated`, `pickle.opcode`, `pickle.limit`, `pickle.malformed`. */
export function readPickle(
  bytes: Uint8Array,
  file: string,
  isAllowed: (name: string) => boolean,
  limits: PickleLimits = defaultPickleLimits,
): PickleNode {
  return new Machine(bytes, file, isAllowed, limits).run();
}

const mark = Symbol('mark');
type Slot = PickleNode | typeof mark;

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  readonly #isAllowed: (name: string) => boolean;
  readonly #limits: PickleLimits;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, PickleNode>();
  #at = 0;

  constructor(bytes: Uint8Array, file: string, isAllowed: (name: string) => boolean, limits: PickleLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#isAllowed = isAllowed;
    this.#limits = limits;
  }

  run(): PickleNode {
    for (let operations = 0; ; operations++) {
      if (operations > this.#limits.operations) this.#fail('limit', `more than ${this.#limits.operations} operations`);
      if (this.#stack.length > this.#limits.entries || this.#memo.size > this.#limits.entries)
        this.#fail('limit', `more than ${this.#limits.entries} values at once`);
      const opcode = this.#u8();
      if (opcode === 0x2e) return this.#pop();
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x80: {
        // PROTO
        const protocol = this.#u8();
        if (protocol < 2 || protocol > 5) this.#fail('protocol', `protocol ${protocol} is not read (2 to 5 are)`);
        return;
      }
      case 0x95: // FRAME: a hint about buffering
        this.#take(8);
        return;
      case 0x28: // MARK
        this.#stack.push(mark);
        return;
      case 0x30: // POP
        if (this.#stack.pop() === undefined) this.#fail('malformed', 'the stack is empty');
        return;
      case 0x31: // POP_MARK
        this.#popToMark();
        return;
      case 0x32: // DUP
        this.#push(this.#top());
        return;
      case 0x4e:
        return this.#push(null);
      case 0x88:
        return this.#push(true);
      case 0x89:
        return this.#push(false);
      case 0x4a:
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 0x4b:
        return this.#push(this.#u8());
      case 0x4d:
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case 0x47:
        return this.#push(this.#view.getFloat64(this.#take(8), false));
      case 0x8a:
        return this.#push(this.#long(this.#u8()));
      case 0x8b:
        return this.#push(this.#long(this.#size4()));
      case 0x58:
        return this.#push(this.#text(this.#size4())); // BINUNICODE
      case 0x8c:
        return this.#push(this.#text(this.#u8()));
      case 0x8d:
        return this.#push(this.#text(this.#size8()));
      case 0x42:
        return this.#push(this.#blob(this.#size4())); // BINBYTES
      case 0x43:
        return this.#push(this.#blob(this.#u8()));
      case 0x8e:
        return this.#push(this.#blob(this.#size8()));
      case 0x96:
        return this.#push(this.#blob(this.#size8())); // BYTEARRAY8
      case 0x54:
        return this.#push(this.#blob(this.#size4())); // BINSTRING of Python 2
      case 0x55:
        return this.#push(this.#blob(this.#u8()));
      case 0x29:
        return this.#push({ node: 'tuple', items: [] });
      case 0x74:
        return this.#push({ node: 'tuple', items: this.#popToMark() });
      case 0x85:
        return this.#push({ node: 'tuple', items: this.#popMany(1) });
      case 0x86:
        return this.#push({ node: 'tuple', items: this.#popMany(2) });
      case 0x87:
        return this.#push({ node: 'tuple', items: this.#popMany(3) });
      case 0x5d:
        return this.#push({ node: 'list', items: [] });
      case 0x6c:
        return this.#push({ node: 'list', items: this.#popToMark() });
      case 0x61:
        return this.#append(this.#popMany(1));
      case 0x65:
        return this.#append(this.#popToMark());
      case 0x7d:
        return this.#push({ node: 'dict', entries: [] });
      case 0x64:
        return this.#push({ node: 'dict', entries: this.#pairs(this.#popToMark()) });
      case 0x73:
        return this.#setItems(this.#popMany(2));
      case 0x75:
        return this.#setItems(this.#popToMark());
      case 0x8f:
        return this.#push({ node: 'set', items: [] });
      case 0x90:
        return this.#append(this.#popToMark());
      case 0x91:
        return this.#push({ node: 'set', items: this.#popToMark() });
      case 0x63:
        return this.#global(this.#line(), this.#line());
      case 0x93: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') return this.#fail('malformed', 'a name is not text');
        return this.#global(module, name);
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, args] = this.#popMany(2);
        return this.#call(callee!, args!);
      }
      case 0x92: {
        // NEWOBJ_EX: keyword arguments change nothing we read
        const [callee, args] = this.#popMany(3);
        return this.#call(callee!, args!);
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        const target = this.#top();
        if (!isNode(target, 'call')) return this.#fail('malformed', 'state for something that is not an object');
        target.state = state;
        return;
      }
      case 0x71:
        return this.#remember(this.#u8());
      case 0x72:
        return this.#remember(this.#size4());
      case 0x94:
        return this.#remember(this.#memo.size);
      case 0x68:
        return this.#recall(this.#u8());
      case 0x6a:
        return this.#recall(this.#size4());
      case 0x51:
        return this.#push({ node: 'persistent', id: this.#pop() });
      default:
        this.#fail('opcode', `operation 0x${opcode.toString(16)} at byte ${this.#at - 1} is not read`);
    }
  }

  #fail(code: string, message: string): never {
    throw dataError({
      code: `pickle.${code}`,
      message: `The pickle is refused: ${message}.`,
      where: this.#file,
      fix: 'Nothing was run. Save the data as .npy numbers or let Avocet compute it.',
    });
  }

  #take(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.#bytes.length) this.#fail('truncated', `it ends at byte ${this.#bytes.length}, inside a value`);
    this.#at = start + length;
    return start;
  }

  #u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #size4(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #size8(): number {
    const size = this.#view.getBigUint64(this.#take(8), true);
    if (size > BigInt(this.#limits.stringBytes)) this.#fail('limit', 'a value is too long');
    return Number(size);
  }

  #long(length: number): number | bigint {
    if (length > 64) this.#fail('limit', 'an integer is too long');
    const start = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]!);
    if (length > 0) value = BigInt.asIntN(length * 8, value);
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  #blob(length: number): Uint8Array {
    if (length > this.#limits.stringBytes) this.#fail('limit', 'a value is too long');
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  #text(length: number): string {
    return new TextDecoder().decode(this.#blob(length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0 || end - this.#at > 512) return this.#fail('malformed', 'a name does not end');
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  #push(value: PickleNode): void {
    this.#stack.push(value);
  }

  #pop(): PickleNode {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) return this.#fail('malformed', 'a value is missing');
    return value;
  }

  #top(): PickleNode {
    const value = this.#stack[this.#stack.length - 1];
    if (value === undefined || value === mark) return this.#fail('malformed', 'a value is missing');
    return value;
  }

  #popMany(count: number): PickleNode[] {
    const values: PickleNode[] = [];
    for (let i = 0; i < count; i++) values.unshift(this.#pop());
    return values;
  }

  #popToMark(): PickleNode[] {
    const start = this.#stack.lastIndexOf(mark);
    if (start < 0) return this.#fail('malformed', 'a mark is missing');
    const values = this.#stack.splice(start).slice(1);
    return values as PickleNode[];
  }

  #pairs(values: readonly PickleNode[]): [PickleNode, PickleNode][] {
    if (values.length % 2 !== 0) this.#fail('malformed', 'a key has no value');
    const pairs: [PickleNode, PickleNode][] = [];
    for (let i = 0; i < values.length; i += 2) pairs.push([values[i]!, values[i + 1]!]);
    return pairs;
  }

  #append(values: readonly PickleNode[]): void {
    const target = this.#top();
    if (!isNode(target, 'list') && !isNode(target, 'set')) return this.#fail('malformed', 'values for something that is not a list');
    for (const value of values) target.items.push(value);
  }

  #setItems(values: readonly PickleNode[]): void {
    const target = this.#top();
    if (!isNode(target, 'dict') && !isNode(target, 'call')) return this.#fail('malformed', 'keys for something that is not a dict');
    for (const pair of this.#pairs(values)) target.entries.push(pair);
  }

  #global(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!this.#isAllowed(full)) {
      throw dataError({
        code: 'pickle.forbidden',
        message: `The file asks to run ${full.slice(0, 120)}, which data never needs; it was not run.`,
        where: this.#file,
        values: { name: full.slice(0, 120) },
        fix: 'Do not open this file with other tools. Get the data again from a source you trust.',
      });
    }
    this.#push({ node: 'name', name: full });
  }

  #call(callee: PickleNode, args: PickleNode): void {
    if (!isNode(callee, 'name') || !isNode(args, 'tuple')) return this.#fail('malformed', 'a call without a name or arguments');
    this.#push({ node: 'call', callee: callee.name, args: args.items, entries: [] });
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#fail('malformed', `nothing was stored as ${index}`);
    else this.#push(value);
  }
}

type Tagged = PickleList | PickleDict | PickleName | PickleCall | PicklePersistent;

/** True where a value is a node of this kind. */
export function isNode<K extends Tagged['node']>(
  value: PickleNode | undefined,
  kind: K,
): value is Extract<Tagged, { node: K extends PickleList['node'] ? PickleList['node'] : K }> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && value.node === kind;
}
