/*
 * The packages that a built Avocet holds, with their licences and the texts of these, read from the installed packages: no network. The
 * build hands them to the page as the module `virtual:licences`.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Development packages whose code or fonts go into the page or around it; all others serve the build and the tests alone. */
const bundled = [
  '@expo-google-fonts/inter',
  '@fontsource-variable/inter',
  '@fontsource-variable/jetbrains-mono',
  'bits-ui',
  'echarts',
  'electron',
  'jspdf',
  'svelte',
  'svg2pdf.js',
];

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The folder of a package as one in `from` finds it, or undefined where it is not installed (an optional one of another system). */
function folderOf(name, from) {
  for (let place = from; ; place = dirname(place)) {
    const folder = join(place, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(place) === place) return undefined;
  }
}

function licenceOf({ license, licenses }) {
  if (typeof license === 'string') return license;
  if (typeof license?.type === 'string') return license.type;
  return (licenses ?? []).map(({ type }) => type).join(' OR ');
}

function textOf(folder) {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  return names
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name) && !/\.(?:js|json)$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replace(/\r\n/g, '\n').trim())
    .join('\n\n');
}

/** Every package by name and version; equal texts stand once in `texts`. `root` is the repository. */
export function licences(root) {
  const { dependencies } = manifestOf(root);
  const found = new Map();
  const open = [...Object.keys(dependencies), ...bundled].map((name) => [name, root]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const folder = folderOf(...next);
    if (folder === undefined || found.has(folder)) continue;
    const manifest = manifestOf(folder);
    found.set(folder, { name: manifest.name, version: manifest.version, licence: licenceOf(manifest), text: textOf(folder) });
    // What Electron depends on only fetches it; its own parts bring their licences beside its program.
    if (manifest.name !== 'electron') for (const name of Object.keys(manifest.dependencies ?? {})) open.push([name, folder]);
  }
  const texts = [...new Set([...found.values()].map(({ text }) => text))].sort();
  const packages = [...found.values()]
    .map(({ text, ...rest }) => ({ ...rest, text: texts.indexOf(text) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const same = (a, b) => a !== undefined && a.name === b.name && a.version === b.version;
  return { packages: packages.filter((each, at) => !same(packages[at - 1], each)), texts };
}

/** For the build of the page. */
export function licencesPlugin(root) {
  const id = 'virtual:licences';
  return {
    name: 'avocet-licences',
    resolveId: (wanted) => (wanted === id ? `\0${id}` : undefined),
    load: (wanted) => (wanted === `\0${id}` ? `export const licences = ${JSON.stringify(licences(root))};` : undefined),
  };
}
