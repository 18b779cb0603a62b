import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { pack, releaseFuses, stage } from '../../main/cli/package-app.mjs';
import { expect, launch, test, type StartLine } from './app.ts';
import { smoke } from './journey.ts';
import { packagedFolder, root, runtime } from './runtime.ts';

/** Two packages: the release as people get it, whose fuses are read back, and a test build with the inspector on that is driven. */
test.describe.configure({ mode: 'serial' });

/** How a fuse stands in the binary: the characters 0 and 1. */
const [off, on] = [0x30, 0x31] as const;

const compat = join(root, 'test', 'desktop', 'compat');
const libsql = ['libsql', '@libsql/linux-x64-gnu', '@neon-rs/load', 'detect-libc'];

async function packaged(name: 'release' | 'test'): Promise<string> {
  const electron = runtime();
  const output = join(packagedFolder, name);
  const staged = join(packagedFolder, `${name}-staged`);
  rmSync(output, { recursive: true, force: true });
  const isCompat = name === 'test' && !electron.isShipped;
  stage(
    staged,
    isCompat
      ? {
          main: 'compat/main.cjs',
          extra: (app, modules) => {
            cpSync(compat, join(app, 'compat'), { recursive: true });
            for (const module of libsql) cpSync(join(root, 'node_modules', module), join(modules, module), { recursive: true });
          },
        }
      : {},
  );
  const fuses = name === 'test' ? { ...releaseFuses, enableNodeCliInspectArguments: true } : releaseFuses;
  return pack({ staged, output, targets: ['dir'], fuses, electron });
}

test('the release has its fuses as they must be, and carries the program alone', async () => {
  const folder = await packaged('release');
  const wire = (await getCurrentFuseWire(join(folder, 'avocet'))) as unknown as Record<number, number | undefined>;
  const wanted: readonly (readonly [FuseV1Options, number])[] = [
    [FuseV1Options.RunAsNode, off],
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable, off],
    [FuseV1Options.EnableNodeCliInspectArguments, off],
    [FuseV1Options.OnlyLoadAppFromAsar, on],
    [FuseV1Options.GrantFileProtocolExtraPrivileges, off],
  ];
  for (const [fuse, state] of wanted) {
    if (wire[fuse] === undefined) {
      test
        .info()
        .annotations.push({ type: 'not checked', description: `${FuseV1Options[fuse]}: Electron ${runtime().version} has no such fuse` });
      console.log(`not checked: ${FuseV1Options[fuse]}, which Electron ${runtime().version} lacks`);
    } else expect(wire[fuse], FuseV1Options[fuse]).toBe(state);
  }
  const files = listPackage(join(folder, 'resources', 'app.asar'), { isPack: false }).map((file) => file.replaceAll('\\', '/'));
  for (const file of [
    '/out/main/desktop.cjs',
    '/out/main/worker.cjs',
    '/out/main/avocet-kernels.wasm',
    '/out/main/avocet-kernels-fused.wasm',
    '/out/main/avocet-kernels-wide.wasm',
    '/out/main/tfjs-backend-wasm-shared.wasm',
    '/out/preload/index.cjs',
    '/out/renderer/index.html',
  ]) {
    expect(files).toContain(file);
  }
  expect(files.filter((file) => /compat|node_modules|\.(?:ts|svelte|map|inter|npy)$/.test(file))).toEqual([]);
  for (const module of ['better-sqlite3', 'koffi', '@tensorflow/tfjs-node-gpu']) {
    expect(existsSync(join(folder, 'resources', 'node_modules', module, 'package.json'))).toBe(true);
  }
});

let started: StartLine;

test('the packaged build goes the same way, from first start to a table', async ({ home }) => {
  started = { executablePath: join(await packaged('test'), 'avocet'), args: [] };
  await smoke(started, home);
});

test('the packaged window is sandboxed, without Node and without developer tools', async ({ home }) => {
  const { app, page } = await launch(started, home);
  try {
    expect(page.url()).toMatch(/^app:\/\/avocet\//);
    expect(await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in window))).toEqual([]);
    const found = await app.evaluate(({ app: electron, BrowserWindow, Menu }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences();
      const roles = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items.map(({ role }) => String(role)) ?? []);
      return {
        sandbox,
        contextIsolation,
        nodeIntegration,
        isPackaged: electron.isPackaged,
        hasTools: roles.some((role) => /devtools/i.test(role)),
      };
    });
    expect(found).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, isPackaged: true, hasTools: false });
  } finally {
    await app.close();
  }
});
