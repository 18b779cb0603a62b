/* A worker on the old Electron: the gaps filled, then the entry that was asked for, which finds its own arguments where it expects them. */
require('./node-16.cjs');
const [, , entry, ...args] = process.argv;
process.argv = [process.argv[0], entry, ...args];
require(entry);
