import { cpSync, existsSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { pack, releaseFuses, stage, updateSettings } from '../../main/cli/package-app.mjs';
import type { ElectronApplication } from '@playwright/test';
import { StudioPage } from '../browser/pages/studio-page.ts';
import { choose, expect, launch, test, type StartLine } from './app.ts';
import { smoke } from './journey.ts';
import { packagedFolder, root, runtime } from './runtime.ts';
import { checkSecurity } from './security.ts';

/** Two packages: the release as people get it, whose fuses are read back, and a test build with the inspector on that is driven. */
test.describe.configure({ mode: 'serial' });

/** How a fuse stands in the binary: the characters 0 and 1. */
const [off, on] = [0x30, 0x31] as const;

/** A host that no name server knows: the test build asks for updates there. */
const place = 'updates.avocet.test';

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
  const updates = updateSettings(name === 'test' ? { AVOCET_UPDATE_URL: `https://${place}/avocet` } : {});
  return pack({ staged, output, targets: ['dir'], fuses, electron, updates });
}

test('the release has its fuses as they must be, and carries the program alone', async () => {
  const folder = await packaged('release');
  const wire = (await getCurrentFuseWire(join(folder, 'avocet'))) as unknown as Record<number, number | undefined>;
  const wanted: readonly (readonly [FuseV1Options, number])[] = [
    [FuseV1Options.RunAsNode, off],
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable, off],
    [FuseV1Options.EnableNodeCliInspectArguments, off],
    [FuseV1Options.OnlyLoadAppFromAsar, on],
    [FuseV1Options.EnableCookieEncryption, on],
    // Electron has the check of the archive on macOS and Windows alone.
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, process.platform === 'linux' ? off : on],
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
  // Packed without a place that updates come from, so it asks nobody.
  expect(existsSync(join(folder, 'resources', 'app-update.yml'))).toBe(false);
  const files = listPackage(join(folder, 'resources', 'app.asar'), { isPack: false }).map((file) => file.replaceAll('\\', '/'));
  for (const file of [
    '/out/main/desktop.cjs',
    '/out/main/updates.cjs',
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

test('the security list of the specification holds on the packaged app, which has no developer tools', async ({ home }) => {
  const running = await launch(started, home);
  try {
    const resources = join(dirname(started.executablePath), 'resources');
    await checkSecurity(running, home, join(resources, 'app.asar', 'out', 'preload', 'index.cjs'));
    const found = await running.app.evaluate(({ app: electron, Menu }) => {
      const roles = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items.map(({ role }) => String(role)) ?? []);
      return { isPackaged: electron.isPackaged, hasTools: roles.some((role) => /devtools/i.test(role)) };
    });
    expect(found).toEqual({ isPackaged: true, hasTools: false });
  } finally {
    await running.app.close();
  }
});

/** Leads what the app asks of {@link place} to a server of the test. The inspector does it, which a release has not; the app itself knows https alone. */
async function lead(app: ElectronApplication, port: number): Promise<void> {
  await app.evaluate(
    ({ session }, [host, to]) => {
      const { webRequest } = session.fromPartition('electron-updater', { cache: false });
      webRequest.onBeforeRequest((details, answer) => {
        const { hostname, pathname } = new URL(details.url);
        answer(hostname === host ? { redirectURL: `http://127.0.0.1:${to}${pathname}` } : {});
      });
    },
    [place, port] as const,
  );
}

test('the packaged app asks for a newer version on a click and never before, shows its notes, and fetches nothing on Linux', async ({
  home,
}) => {
  const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  let version = '9.0.0';
  const server = createServer(({ url = '', headers }, answer) => {
    asked.push({ path: url, headers });
    answer.end(`version: ${version}\nreleaseNotes: "<b>Faster</b> starts"\nfiles:\n  - url: avocet.deb\n    sha512: none\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { app, page } = await launch(started, home);
  try {
    await lead(app, (server.address() as AddressInfo).port);
    await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
    // The native menu leads to the button and presses nothing.
    await choose(app, 'Help', 'Check for updates…');
    const section = page.getByRole('region', { name: 'Updates', exact: true });
    const check = section.getByRole('button', { name: 'Check for updates' });
    await expect(check).toBeFocused();
    await expect(section.getByText(`${place} is asked when you press the button, and never otherwise.`)).toBeVisible();
    await new StudioPage(page).goTo('Runs');
    await new StudioPage(page).settings('Updates');
    expect(asked).toEqual([]);

    await check.click();
    await expect(section.getByRole('status')).toHaveText('Avocet 9.0.0 is there.');
    await expect(section.getByRole('region', { name: 'What is new in 9.0.0' })).toContainText('<b>Faster</b> starts');
    await expect(section.getByText(/^Install it with the package manager/)).toBeVisible();
    await expect(section.getByRole('button', { name: /Download|Restart/ })).toHaveCount(0);
    expect(asked.map(({ path }) => path)).toEqual([expect.stringMatching(/^\/avocet\/latest-linux.*\.yml$/)]);
    expect(Object.keys(asked[0]!.headers).filter((name) => /staging|cookie/.test(name))).toEqual([]);
    expect(existsSync(join(home, 'desktop', '.updaterId'))).toBe(false);
    // A page that asks main for more than its way allows gets nothing.
    const phase = await page.evaluate(async () => {
      const { avocet } = window as unknown as { avocet: { update(action: string): Promise<{ phase: string }> } };
      await avocet.update('download');
      return (await avocet.update('install')).phase;
    });
    expect([phase, asked.length]).toEqual(['found', 1]);

    version = '0.0.1';
    await check.click();
    await expect(section.getByRole('status')).toContainText('is the newest version');
    await new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
    await check.click();
    await expect(section.getByRole('alert')).toContainText('The place that updates come from does not answer');
  } finally {
    server.close();
    await app.close();
  }
});
