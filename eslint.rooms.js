/*
 * Who may import whom, once. eslint.config.js turns each row into refused imports; test/unit/house/lint.test.ts holds one refused
 * import for every "never". Rooms and packages are allow-lists: what a row does not name is refused.
 *
 * `files` of a later row override those of an earlier one.
 */
const onlyCards = {
  regex: String.raw`^\.\.?/(?!.*card\.ts$)`,
  message: 'A card is data and imports the contract alone: main/studio reads cards without loading a model.',
};

export const rooms = [
  { name: 'preload/contract', files: ['preload/contract/**'], rooms: ['contract'], packages: ['valibot'] },
  { name: 'preload/index.ts', files: ['preload/index.ts'], rooms: ['contract'], packages: ['electron'] },
  { name: 'main/engine', files: ['main/engine/**'], rooms: ['engine'], packages: ['@tensorflow/tfjs-core'] },
  {
    name: 'main/engine/devices',
    files: ['main/engine/devices/**'],
    rooms: ['engine'],
    packages: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-node-gpu',
      'koffi',
    ],
    node: true,
  },
  {
    name: 'main/data',
    files: ['main/data/**'],
    rooms: ['data', 'contract', 'engine'],
    packages: ['@tensorflow/tfjs-core', 'valibot'],
    node: true,
  },
  { name: 'main/models', files: ['main/models/**'], rooms: ['models', 'engine', 'data', 'contract'], packages: ['@tensorflow/tfjs-core'] },
  { name: 'a model card', files: ['main/models/**/card.ts'], rooms: ['contract', 'cards'], packages: [], refused: [onlyCards] },
  { name: 'main/models/cards.ts', files: ['main/models/cards.ts'], rooms: ['contract', 'cards'], packages: [], refused: [onlyCards] },
  {
    name: 'main/training',
    files: ['main/training/**'],
    rooms: ['training', 'contract', 'engine', 'data', 'models'],
    packages: ['@tensorflow/tfjs-core', 'valibot'],
    node: true,
  },
  { name: 'main/logs', files: ['main/logs/**'], rooms: ['logs', 'contract'], packages: ['better-sqlite3', 'yaml'], node: true },
  {
    name: 'main/worker',
    files: ['main/worker/**'],
    rooms: ['worker', 'training', 'contract', 'engine', 'data', 'models', 'stats', 'export', 'logs'],
    packages: ['@tensorflow/tfjs-core', 'valibot', 'sucrase'],
    node: true,
  },
  { name: 'main/store', files: ['main/store/**'], rooms: ['store', 'contract'], packages: ['better-sqlite3', 'valibot'], node: true },
  { name: 'main/stats', files: ['main/stats/**'], rooms: ['stats'], packages: ['@stdlib'] },
  {
    name: 'main/export',
    files: ['main/export/**'],
    rooms: ['export', 'contract', 'stats'],
    packages: ['valibot', 'write-excel-file', 'hyparquet-writer', 'fflate'],
    node: true,
  },
  {
    name: 'main/studio',
    files: ['main/studio/**'],
    rooms: ['studio', 'contract', 'store', 'stats', 'export', 'cards', 'shelf'],
    packages: ['valibot', 'ws', 'fflate', 'yaml'],
    node: true,
  },
  {
    name: 'main/desktop',
    files: ['main/desktop/**'],
    rooms: ['desktop', 'studio', 'contract'],
    packages: ['electron', 'electron-updater', 'valibot', 'yaml'],
    node: true,
  },
  { name: 'main/server', files: ['main/server/**'], rooms: ['server', 'studio', 'contract'], packages: ['ws', 'valibot'], node: true },
  { name: 'main/cli', files: ['main/cli/**'], rooms: ['cli', 'server', 'studio', 'contract'], packages: ['valibot'], node: true },
  {
    name: 'renderer',
    files: ['renderer/**'],
    rooms: ['renderer', 'contract'],
    // virtual:licences is written by the build (main/cli/licences.mjs).
    packages: [
      'virtual:licences',
      'svelte',
      'echarts',
      'bits-ui',
      '@fontsource-variable',
      '@expo-google-fonts',
      'jspdf',
      'svg2pdf.js',
      'valibot',
      'vite',
    ],
  },
];

/** Every room another room could try to import: the start of its subpath, its folder, and where to go instead. */
export const targets = {
  contract: {
    path: 'preload/contract',
    instead: 'Take the values you need as arguments; the contract is for rooms that talk across the border.',
  },
  engine: { path: 'main/engine', instead: 'Tensors live in the worker: ask for a task over the contract (task.ts) and read its result.' },
  data: { path: 'main/data', instead: 'Datasets are read in the worker: ask for a task, or keep the type in preload/contract/dataset.ts.' },
  models: {
    path: 'main/models',
    instead: 'Model code runs in the worker; elsewhere a model is its card: import #models/cards.ts, or the contract type ModelCard.',
  },
  training: {
    path: 'main/training',
    instead: 'Training runs in a worker: start a run through the studio and read its events from the contract.',
  },
  logs: {
    path: 'main/logs',
    instead: 'Files of other tools are read in the worker: ask for a task, and take runs as the contract has them (log-import.ts).',
  },
  worker: {
    path: 'main/worker',
    instead: 'A worker is forked by the supervisor (main/studio/supervisor.ts) and spoken to in messages of preload/contract.',
  },
  store: {
    path: 'main/store',
    instead: 'Only the studio touches SQLite: send an event (worker) or call a procedure (front doors, renderer).',
  },
  stats: { path: 'main/stats', instead: 'Numbers are computed in the studio: call a comparison procedure.' },
  export: { path: 'main/export', instead: 'Tables become files in the studio or the worker: call an export procedure.' },
  studio: {
    path: 'main/studio',
    instead: 'Nothing below the studio knows it: return values or emit events and let the studio act; the page uses the link.',
  },
  desktop: {
    path: 'main/desktop',
    instead: 'Electron code stays in main/desktop: take a function as an argument (spawn, host functions).',
  },
  server: { path: 'main/server', instead: 'Only main/cli opens the server; everything else talks over the link.' },
  cli: { path: 'main/cli', instead: 'The command line is a front door; move shared code into main/studio.' },
  renderer: { path: 'renderer', instead: 'Main never knows the page: put shared types into preload/contract.' },
  test: { path: 'test', instead: 'Product code never imports tests: move what both need into the room it belongs to.' },
};

export const instead = {
  electron:
    'electron is imported in main/desktop and preload/index.ts only; take a function as an argument instead (spawn, host functions).',
  node: 'This room runs without Node: take the bytes or values as arguments and do the reading in main/data, main/worker or main/studio (the page: over the link).',
  package:
    'This package is not among those the room may use (eslint.rooms.js). Add it there with its reason in CONTRIBUTING.md, or move the code to the room that owns it.',
};
