import { builtinModules } from 'node:module';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { instead, rooms, targets } from './eslint.rooms.js';

const code = ['**/*.ts', '**/*.svelte'];

const cardFiles = String.raw`#models/(?:cards|[^/]+/card)\.ts$|(?:\.\./)+models/(?:cards|[^/.]+/card)\.ts$`;
const shelfFiles = String.raw`#data/(?:manifest|item-table|user-table|nearest-rows|dataset-folder|own-source|remarks|segmented-detail)\.ts$|(?:\.\./)+data/(?:manifest|item-table|user-table|nearest-rows|dataset-folder|own-source|remarks|segmented-detail)\.ts$`;
/** What a room may pass through where it may not enter: card files without model code, dataset folders without tensors. */
const doors = { models: { name: 'cards', files: cardFiles }, data: { name: 'shelf', files: shelfFiles } };

/** Matches the subpath form (#engine/…) and any relative path that climbs out of the room into this one. */
function pathsInto(target, room) {
  const { path } = targets[target];
  // Beside its own parent folder a room is one "../" away: `../store/` from main/studio, `../main/store/` from the renderer.
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  const folder = room.files[0].startsWith(parent) && parent !== '' ? path.replace(parent, `(?:${parent})?`) : path;
  return `#${target}/|(?:\\.\\./)+${folder}/`;
}

/** The refused imports of one row: [{ regex, message }]. */
function refusals(room) {
  const allowed = new Set(room.rooms);
  const refused = Object.keys(targets).filter((target) => !allowed.has(target));
  const list = refused.map((target) => {
    const door = doors[target];
    const pass = door !== undefined && allowed.has(door.name) ? `(?!${door.files})` : '';
    return {
      regex: `^${pass}(?:${pathsInto(target, room)})`,
      message: `${room.name} may not import ${targets[target].path}. ${targets[target].instead}`,
    };
  });
  const packages = ['electron', ...room.packages].map((name) => `${name}(?:/|$)`).join('|');
  const builtins = builtinModules.filter((name) => !name.startsWith('_')).join('|');
  if (!room.packages.includes('electron'))
    list.push({ regex: '^electron(?:/|$)', message: `${room.name} may not import electron. ${instead.electron}` });
  if (room.node !== true)
    list.push({ regex: `^(?:node:|(?:${builtins})(?:/|$))`, message: `${room.name} may not import Node. ${instead.node}` });
  else list.push({ regex: `^(?:${builtins})(?:/|$)`, message: 'Write Node modules with their node: prefix.' });
  list.push({ regex: `^(?!${packages}|node:|(?:${builtins})(?:/|$))[@a-zA-Z]`, message: `${room.name}: ${instead.package}` });
  return [...list, ...(room.refused ?? [])];
}

/** import(), import types and require() escape no-restricted-imports, so the same table is applied to them as syntax. */
function dynamicRefusals(list) {
  return list.flatMap(({ regex, message }) => {
    const value = `[value=/${regex.replaceAll('/', String.raw`\u002f`)}/]`;
    return [
      { selector: `ImportExpression > Literal${value}`, message },
      { selector: `TSImportType Literal${value}`, message },
      { selector: `CallExpression[callee.name='require'] > Literal${value}`, message },
    ];
  });
}

const houseSyntax = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals: Node runs this file with its types stripped.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name per idea, everywhere.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
];

export default ts.config(
  { ignores: ['node_modules/', 'out/', 'dist/', '.cache/', 'test-results/', 'main/engine/kernels/assembly/', 'test/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['**/*.ts', '**/*.svelte', '**/*.js', '**/*.mjs', '**/*.cjs'], extends: [ts.configs.recommended] },
  ...svelte.configs['flat/recommended'],
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser }, globals: globals.browser } },
  { files: ['**/*.mjs', '**/*.js', '**/*.cjs'], languageOptions: { globals: globals.node } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: code,
    rules: {
      // The compiler does this, per room, with the right names.
      'no-undef': 'off',
      'no-restricted-syntax': ['error', ...houseSyntax],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-var': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    rules: {
      // Props are taken apart in one line; the rule below knows that a bindable one may change.
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // Collections are held raw and replaced whole (house style 10), so reactive ones would only cost.
      'svelte/prefer-svelte-reactivity': 'off',
      // svelte-check knows warnings that this plugin does not compile.
      'svelte/no-unused-svelte-ignore': 'off',
      // Prettier writes a needed space at a line's end as a mustache; the two must not argue.
      'svelte/no-useless-mustaches': 'off',
    },
  },
  // Tools look for a default export.
  { files: ['**/*.config.ts', '*.config.js', 'test/**/prepare-*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  ...rooms.map((room) => {
    const list = refusals(room);
    return {
      name: `avocet/${room.name}`,
      ignores: ['**/*.config.ts'],
      files: room.files.flatMap((glob) => (glob.endsWith('**') ? [`${glob}/*.ts`, `${glob}/*.svelte`] : [glob])),
      rules: {
        'no-restricted-imports': ['error', { patterns: list }],
        'no-restricted-syntax': ['error', ...houseSyntax, ...dynamicRefusals(list)],
      },
    };
  }),
);
