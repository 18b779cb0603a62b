/** Asks every device whether it can run here, each in a process of its own: a broken library may kill the process that loads it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DeviceId, OpenOptions, Probe } from '../engine.ts';
import { ownFolder } from './assets.ts';
import { devices } from './registry.ts';

export interface ProbeOptions extends OpenOptions {
  /** Script of the child; by default `probe-process` beside this file or bundle. */
  readonly entry?: string;
  /** After this long a silent probe counts as failed. 20,000 by default. */
  readonly timeoutMs?: number;
}

function defaultEntry(): string | undefined {
  const names = ['probe-process.cjs', 'probe-process.ts'];
  return names.map((name) => path.join(ownFolder(), name)).find((file) => existsSync(file));
}

/**
 * One answer per device, in the order of the registry. Never throws. Inside Electron, or in a bundle that does not carry the child's
 * script, this process itself does the probing: a packaged app has no Node to start (its fuse is closed), and the studio starts a
 * process for the probing task anyway.
 */
export async function probeDevices(options: ProbeOptions = {}): Promise<Probe[]> {
  const ids = [...devices.keys()];
  const hasChild = options.entry !== undefined || (!isElectron() && defaultEntry() !== undefined);
  if (hasChild) return Promise.all(ids.map((id) => probeDevice(id, options)));
  const probes: Probe[] = [];
  for (const id of ids) probes.push(await devices.get(id)!.probe(options));
  return probes;
}

function isElectron(): boolean {
  return process.versions['electron'] !== undefined && process.env['ELECTRON_RUN_AS_NODE'] === undefined;
}

/** The answer for one device. Never throws: a child that dies, stays silent or says something else is an answer too. */
export async function probeDevice(id: DeviceId, options: ProbeOptions = {}): Promise<Probe> {
  const { entry = defaultEntry(), timeoutMs = 60_000, ...open } = options;
  const failed = (missing: string): Probe => ({
    id,
    available: false,
    name: id,
    missing,
    remedy: 'Run avocet doctor for details, or choose another device.',
  });
  if (entry === undefined) return failed('not found: probe-process, the script that probes devices');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [entry, id, JSON.stringify(open)],
      { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, timeout: timeoutMs, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const probe = parse(id, stdout);
        if (probe !== undefined) return resolve(probe);
        const signal = error?.signal ?? undefined;
        if (error?.killed === true) return resolve(failed(`the probe gave no answer within ${timeoutMs} ms`));
        if (signal !== undefined) return resolve(failed(`the probe process was ended by ${signal}: a broken library`));
        const said =
          stderr
            .trim()
            .split('\n')
            .find((line) => line.includes('Error')) ??
          error?.message ??
          'no answer';
        resolve(failed(`the probe failed: ${said}`));
      },
    );
  });
}

function parse(id: DeviceId, stdout: string): Probe | undefined {
  const line = stdout.trim().split('\n').at(-1);
  if (line === undefined || !line.startsWith('{')) return undefined;
  try {
    const probe = JSON.parse(line) as Probe;
    return probe.id === id ? probe : undefined;
  } catch {
    return undefined;
  }
}
