/*
 * better-sqlite3's interface over libsql, for the old Electron of the desktop ring, whose Node-API is too old for better-sqlite3 13.
 * Only what the store uses. libsql differs: rows carry `_metadata`, a single typed array is taken for named parameters and ends the
 * process, `pluck` is ignored by `get`, and transactions do not nest.
 */
const { existsSync } = require('node:fs');
const Libsql = require('libsql');

function bound(args) {
  const first = args[0];
  if (args.length === 1 && first !== null && typeof first === 'object' && !Array.isArray(first) && !ArrayBuffer.isView(first)) {
    return [Object.fromEntries(Object.entries(first).map(([key, value]) => [key, cell(value)]))];
  }
  return [args.flat().map(cell)];
}

function cell(value) {
  if (ArrayBuffer.isView(value) && !Buffer.isBuffer(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

class Statement {
  #statement;
  #isPlucked = false;
  #isRaw = false;

  constructor(statement) {
    this.#statement = statement;
  }

  #row(row) {
    if (row === undefined || row === null) return undefined;
    if (Array.isArray(row)) return this.#isPlucked ? row[0] : row;
    const rest = { ...row };
    delete rest._metadata;
    if (this.#isPlucked) return Object.values(rest)[0];
    return rest;
  }

  get reader() {
    return this.#statement.reader;
  }

  pluck(isOn = true) {
    this.#isPlucked = isOn;
    return this;
  }

  raw(isOn = true) {
    this.#isRaw = isOn;
    this.#statement.raw(isOn);
    return this;
  }

  columns() {
    return this.#statement.columns();
  }

  run(...args) {
    const { changes, lastInsertRowid } = this.#statement.run(...bound(args));
    return { changes, lastInsertRowid };
  }

  get(...args) {
    return this.#row(this.#statement.get(...bound(args)));
  }

  all(...args) {
    return this.#statement.all(...bound(args)).map((row) => this.#row(row));
  }

  iterate(...args) {
    return this.all(...args)[Symbol.iterator]();
  }
}

class Database {
  #db;
  #depth = 0;

  constructor(path, options = {}) {
    if (options.fileMustExist && !existsSync(path)) {
      throw Object.assign(new Error('unable to open database file'), { code: 'SQLITE_CANTOPEN' });
    }
    this.#db = new Libsql(path);
    this.name = path;
    this.readonly = options.readonly === true;
    if (this.readonly) this.#db.exec('PRAGMA query_only = 1');
    this.#db.exec(`PRAGMA busy_timeout = ${options.timeout ?? 5000}`);
  }

  get open() {
    return this.#db.open;
  }

  get inTransaction() {
    return this.#db.inTransaction;
  }

  prepare(sql) {
    return new Statement(this.#db.prepare(sql));
  }

  exec(sql) {
    this.#db.exec(sql);
    return this;
  }

  pragma(source, { simple = false } = {}) {
    const statement = this.prepare(`PRAGMA ${source}`);
    return simple ? statement.pluck().get() : statement.all();
  }

  /** Runs `work` in a transaction, or in a savepoint of the one that is open. */
  #within(mode, work) {
    const name = `compat_${this.#depth}`;
    const isNested = this.inTransaction;
    this.exec(isNested ? `SAVEPOINT ${name}` : `BEGIN ${mode}`);
    this.#depth += 1;
    try {
      const result = work();
      this.exec(isNested ? `RELEASE ${name}` : 'COMMIT');
      return result;
    } catch (error) {
      if (this.inTransaction) this.exec(isNested ? `ROLLBACK TO ${name}; RELEASE ${name}` : 'ROLLBACK');
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  transaction(work) {
    const begin = (mode, args, self) => this.#within(mode, () => work.apply(self, args));
    const variant = (mode) =>
      function run(...args) {
        return begin(mode, args, this);
      };
    const modes = { default: '', deferred: 'DEFERRED', immediate: 'IMMEDIATE', exclusive: 'EXCLUSIVE' };
    const transaction = variant('');
    for (const [name, mode] of Object.entries(modes)) transaction[name] = variant(mode);
    return transaction;
  }

  close() {
    if (this.open) this.#db.close();
    return this;
  }
}

module.exports = Database;
module.exports.SqliteError = require('libsql/sqlite-error');
