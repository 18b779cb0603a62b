/** The text a person may hand on when something is wrong: versions, devices, what the doctor found, failures and the last lines. */
import { homedir, hostname, release, tmpdir, userInfo } from 'node:os';
import { bytes } from '#contract/amounts.ts';
import { milliseconds } from '#contract/speed.ts';
import type { Problem } from '#contract/problem.ts';
import { runStates } from '#contract/run.ts';
import { readLines } from '../console-log.ts';
import type { StudioCore } from '../core.ts';
import { doctor } from '../doctor.ts';
import { sizesOf } from '../storage/sizes.ts';
import { readCrashes } from './crashes.ts';
import { redact, type Private } from './redact.ts';

/** Of each failed run, and how many of these. */
const lastLines = 15;
const lastFailures = 8;

export async function diagnostics(core: StudioCore, now: number): Promise<string> {
  return redact(await whole(core, now), privateHere(core.folders.home));
}

/** What must not leave this machine in a report. */
export function privateHere(home: string): Private {
  const { env } = process;
  const user = userName();
  const names = [user, env['USER'], env['USERNAME'], env['LOGNAME'], homedir().split(/[\\/]/).filter(Boolean).pop()];
  return {
    folders: [
      { path: home, name: 'data folder' },
      { path: process.cwd(), name: 'program' },
      { path: homedir(), name: 'home' },
      { path: tmpdir(), name: 'temporary folder' },
    ],
    words: [
      ...[...new Set(names)].flatMap((word) => (word === undefined ? [] : [{ word, name: 'user' }])),
      ...[...new Set([hostname(), hostname().split('.')[0]!])].map((word) => ({ word, name: 'machine' })),
    ],
  };
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's list, as in some containers.
    return undefined;
  }
}

async function whole(core: StudioCore, now: number): Promise<string> {
  const { store, settings, queue, folders, notices } = core;
  const found = await doctor(core);
  const sizes = await sizesOf(core);
  const failed = store.runs.inStates(['failed', 'lost']).slice(-lastFailures).reverse();
  const { libraryFolder, ...plain } = settings.value;
  const byState = store.runs.countsByState();
  const counts = runStates.map((state) => `${state} ${byState.get(state) ?? 0}`);
  return [
    `Avocet diagnostics, ${new Date(now).toISOString()}`,
    'Names, folders, addresses and keys were taken out. Nothing was sent: this text is yours to keep or to hand on.',
    ...part('Versions', [
      `Avocet ${found.version}`,
      `Node ${found.node}, ${found.platform}, system ${release()}`,
      ...Object.entries(process.versions).flatMap(([name, version]) => (/^(?:electron|modules)$/.test(name) ? [`${name} ${version}`] : [])),
      ...Object.entries(found.libraries).map(([name, version]) => `${name} ${version}`),
    ]),
    ...part('Machine', [found.speeds.machine, `${bytes(found.freeBytes)} free where the data folder lies`]),
    ...part(
      'Devices',
      found.devices.map(({ id, name, version, available, missing, remedy }) =>
        [`${id}: ${name}`, version, available ? 'ready' : 'not available', missing, remedy].filter(Boolean).join(' | '),
      ),
    ),
    ...part(
      'Measured speeds',
      found.speeds.rows.flatMap(({ device, threads, measured }) =>
        measured === undefined
          ? []
          : [
              `${device}, ${threads} threads: LightGCN ${milliseconds(measured.lightgcnMs)}, MGCN ${milliseconds(measured.mgcnMs)}, ${measured.compile}`,
            ],
      ),
    ),
    ...part('What the doctor found', found.problems.flatMap(problemLines)),
    ...part('Settings', [JSON.stringify({ ...plain, libraryFolder: libraryFolder === undefined ? 'not set' : 'set' })]),
    ...part('Data folder', [
      ...sizes.kinds.filter(({ files }) => files > 0).map(({ kind, bytes: size, files }) => `${kind}: ${bytes(size)} in ${files} files`),
      `together: ${bytes(sizes.bytes)}`,
    ]),
    ...part('Runs', [counts.join(', '), `queue ${queue.isHeld ? 'held' : 'not held'}`]),
    ...failed.flatMap((run) =>
      part(`Run ${run.id}: ${run.modelTitle}, ${run.state}`, [
        ...(run.problem === undefined ? [] : problemLines(run.problem)),
        ...readLines(folders.run(run.id), lastLines).lines.map((line) => `${new Date(line.at).toISOString()} ${line.level} ${line.text}`),
      ]),
    ),
    ...part('Notices since the start', notices),
    ...part('Crashes kept', readCrashes(folders.home).trim().split('\n').slice(-100)),
    '',
  ].join('\n');
}

function part(title: string, lines: readonly string[]): string[] {
  return ['', `== ${title}`, ...(lines.every((line) => line === '') ? ['none'] : lines)];
}

function problemLines({ kind, code, message, where, fix, detail }: Omit<Problem, 'values'>): string[] {
  return [`${kind} ${code}: ${message}`, ...[where, fix, detail].flatMap((line) => (line === undefined ? [] : [`  ${line}`]))];
}
