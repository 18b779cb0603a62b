/*
 * Packs the built app with electron-builder. The app folder is staged first: the bundles as they are, a package.json without
 * dependencies, and of node_modules only the native modules, beside the archive, where Node finds them on its way up.
 * test/desktop packs its own two builds with the same functions.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, Platform } from 'electron-builder';
import { electronVersion, installedElectron } from './electron-runtime.mjs';
import { refuse, root, say } from './setup.mjs';

/** Native modules, and what else stays outside the bundle, with the files of them that run; the rest of each package is source and documentation. */
const outside = [
  { name: 'better-sqlite3', keep: ['package.json', 'LICENSE', 'lib', `prebuilds/${process.platform}-${process.arch}.node`] },
  { name: 'koffi', keep: ['package.json', 'LICENSE.txt', 'index.cjs', 'index.js', 'indirect.cjs', 'indirect.js', 'lib', 'src'] },
  { name: `@koromix/koffi-${process.platform}-${process.arch}`, keep: ['.'] },
  // The JavaScript half alone: main/engine/devices/tensorflow loads it over our own binding.
  {
    name: '@tensorflow/tfjs-node-gpu',
    keep: [
      'package.json',
      ...['nodejs_kernel_backend.js', 'register_all_kernels.js', 'int64_tensors.js', 'kernels'].map((file) => `dist/${file}`),
    ],
  },
  // The JavaScript half alone, for the tensorflow device (main/engine/devices/tensorflow/backend.ts).
  {
    name: '@tensorflow/tfjs-node-gpu',
    keep: ['package.json', ...['nodejs_kernel_backend', 'register_all_kernels', 'int64_tensors', 'kernels', 'proto'].map(distPart)],
  },
  { name: 'google-protobuf', keep: ['package.json', 'LICENSE.md', 'google-protobuf.js'] },
];

/** A file of the package's `dist`, or a folder of it. */
function distPart(name) {
  return ['kernels', 'proto'].includes(name) ? `dist/${name}` : `dist/${name}.js`;
}

/**
 * Fuses of a release: no Node through flags or environment, nothing loaded but the archive. Archive integrity exists on macOS and
 * Windows alone. Playwright needs the inspector, so a test build leaves that one fuse on.
 */
export const releaseFuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: process.platform !== 'linux',
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
};

/** Fuses that the given Electron has; older ones lack the newest. */
function knownFuses(version, fuses) {
  const major = Number(version.split('.')[0]);
  return Object.fromEntries(Object.entries(fuses).filter(([name]) => major >= 29 || name !== 'grantFileProtocolExtraPrivileges'));
}

/**
 * What the environment says about updates, as settings of electron-builder: with AVOCET_UPDATE_URL the package holds app-update.yml, which names
 * the place that its newer versions come from, and the list of versions that lies beside the installers is for that place; AVOCET_UPDATE_NOTES
 * is a text file of what is new, for that list. Without, a package asks nobody. Throws with words for people.
 */
export function updateSettings({ AVOCET_UPDATE_URL: url = '', AVOCET_UPDATE_NOTES: notes = '' }) {
  if (url === '') {
    if (notes !== '') throw new Error('AVOCET_UPDATE_NOTES is for a place that updates come from; name it in AVOCET_UPDATE_URL');
    // Not undefined: electron-builder would guess a place from tokens in the environment.
    return { publish: null };
  }
  let address;
  try {
    address = new URL(url);
  } catch {
    throw new Error(`AVOCET_UPDATE_URL is no address: "${url}". It has the form https://HOST/FOLDER`);
  }
  if (address.protocol !== 'https:')
    throw new Error(`AVOCET_UPDATE_URL must begin with https://, for ${address.protocol}// can be changed on its way`);
  if (address.username !== '' || address.password !== '' || address.search !== '' || address.hash !== '')
    throw new Error('AVOCET_UPDATE_URL is read by everybody who has the package: give host and folder alone, without user, key or query');
  if (notes !== '' && !existsSync(notes)) throw new Error(`AVOCET_UPDATE_NOTES names ${notes}, and no file is there`);
  return {
    publish: { provider: 'generic', url: address.href },
    ...(notes === '' ? {} : { releaseInfo: { releaseNotesFile: resolve(notes) } }),
  };
}

function copyKept(from, to, keep) {
  for (const path of keep) cpSync(join(from, path), join(to, path), { recursive: true });
}

/** Lays out the app to be packed. `extra` may add files and name another entry, which test builds use for their compat file. */
export function stage(folder, { main = 'out/main/desktop.cjs', extra = () => undefined } = {}) {
  rmSync(folder, { recursive: true, force: true });
  const app = join(folder, 'app');
  for (const part of ['main', 'preload', 'renderer']) cpSync(join(root, 'out', part), join(app, 'out', part), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(app, 'LICENSE'));
  const { name, version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name, productName: 'Avocet', version, description, license, main }, undefined, 2),
  );
  for (const { name: module, keep } of outside) {
    const from = join(root, 'node_modules', module);
    if (existsSync(from)) copyKept(from, join(folder, 'node_modules', module), keep);
  }
  extra(app, join(folder, 'node_modules'));
}

/** Packs a staged folder into `output`, with `updates` as {@link updateSettings} gives them; resolves with the folder of the unpacked app. */
export async function pack({ staged, output, targets, fuses, electron, updates = updateSettings({}) }) {
  mkdirSync(output, { recursive: true });
  const zip = '/usr/bin/7za';
  if (existsSync(zip)) process.env.ELECTRON_BUILDER_7ZIP_PATH ??= zip;
  await build({
    projectDir: join(staged, 'app'),
    targets: Platform.current().createTarget(targets),
    publish: 'never',
    config: {
      appId: 'studio.avocet.app',
      productName: 'Avocet',
      copyright: 'Apache-2.0',
      directories: { app: join(staged, 'app'), output, buildResources: join(root, 'resources') },
      // Without the second pattern electron-builder collects the checkout's packages, all of them.
      files: ['**/*', '!**/node_modules/**/*'],
      extraResources: [{ from: join(staged, 'node_modules'), to: 'node_modules' }],
      asar: true,
      npmRebuild: false,
      electronVersion: electron.version,
      ...(electron.folder === undefined ? {} : { electronDist: electron.folder }),
      electronFuses: knownFuses(electron.version, fuses),
      electronLanguages: ['en-US'],
      icon: join(root, 'resources', 'icon.png'),
      protocols: [{ name: 'Avocet', schemes: ['avocet'] }],
      linux: {
        executableName: 'avocet',
        category: 'Science',
        maintainer: 'Avocet',
        synopsis: 'Studio for multimodal recommender experiments',
      },
      win: { executableName: 'Avocet' },
      nsis: { oneClick: false, allowToChangeInstallationDirectory: true },
      mac: { category: 'public.app-category.developer-tools' },
      ...updates,
    },
  });
  return join(
    output,
    readdirSync(output).find((name) => name.endsWith('unpacked') || name.startsWith('mac')),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let updates;
  try {
    updates = updateSettings(process.env);
  } catch (error) {
    refuse(error.message);
  }
  const installed = installedElectron();
  const electron = { version: electronVersion(), ...(installed === undefined ? {} : { folder: dirname(installed) }) };
  const staged = join(root, '.cache', 'package');
  stage(staged);
  const targets = process.argv.slice(2);
  const folder = await pack({
    staged,
    output: join(root, 'dist'),
    targets: targets.length > 0 ? targets : ['dir'],
    fuses: releaseFuses,
    electron,
    updates,
  });
  say(`The app lies in ${folder}.`);
}
