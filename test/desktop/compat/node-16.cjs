/*
 * What the old Electron of the desktop ring lacks of Node 24, for main and worker alike, and better-sqlite3 pointed at libsql.
 * Loaded before the product, never part of it.
 */
const fs = require('node:fs');
const Module = require('node:module');
const os = require('node:os');
const path = require('node:path');
const v8 = require('node:v8');

// In a checkout packages lie above this file, in a packaged test build beside the archive.
const modules = [
  path.join(__dirname, '..', '..', '..', 'node_modules'),
  path.join(path.dirname(process.execPath), 'resources', 'node_modules'),
].find((folder) => fs.existsSync(path.join(folder, 'libsql')));
const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveFilename(request, ...rest) {
  if (request === 'better-sqlite3') return path.join(__dirname, 'better-sqlite3.cjs');
  if (request === 'libsql') return resolve.call(this, path.join(modules, 'libsql'), ...rest);
  if (request === 'libsql/sqlite-error') return resolve.call(this, path.join(modules, 'libsql', 'sqlite-error.js'), ...rest);
  return resolve.call(this, request, ...rest);
};

// The store refuses a Node-API below 10, because better-sqlite3 would crash; libsql does not.
Object.defineProperty(process, 'versions', { value: { ...process.versions, napi: '10' } });

globalThis.structuredClone ??= (value) => v8.deserialize(v8.serialize(value));
os.availableParallelism ??= () => os.cpus().length;
if (fs.statfsSync === undefined) {
  const space = { bsize: 4096, blocks: 2 ** 28, bfree: 2 ** 27, bavail: 2 ** 27, files: 0, ffree: 0, type: 0 };
  fs.statfsSync = () => space;
  fs.promises.statfs = () => Promise.resolve(space);
  fs.statfs = (_path, ...rest) => rest.at(-1)(null, space);
}
