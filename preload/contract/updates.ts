/** Newer versions of the program, as the desktop shell finds, fetches and installs them. Nothing here is asked for without a click. */
import * as v from 'valibot';
import { problemSchema, type Problem } from './problem.ts';

/** `look` tells the present state and asks nobody; only `check` and `download` reach the network. */
export const updateActions = ['look', 'check', 'download', 'cancel', 'install'] as const;
export type UpdateAction = (typeof updateActions)[number];

/**
 * How a newer version comes onto this machine. `studio`: fetched, its signature checked, and installed from here. `packages`: found here, brought
 * by a package manager or by hand, since nothing would check a signature. `unsigned`: found here, but this build names no signer to check
 * against. `nowhere`: this build names no place to ask.
 */
const updateWays = ['studio', 'packages', 'unsigned', 'nowhere'] as const;
export type UpdateWay = (typeof updateWays)[number];

const updatePhases = ['idle', 'checking', 'newest', 'found', 'downloading', 'ready', 'installing'] as const;

/** Longer notes are cut: a page shows them whole. */
export const longestNotes = 20_000;

const offerSchema = v.object({
  version: v.pipe(v.string(), v.maxLength(80)),
  /** As its makers wrote them, shown as plain text; empty where they wrote none. */
  notes: v.pipe(v.string(), v.maxLength(longestNotes)),
});
export type Offer = v.InferOutput<typeof offerSchema>;

const updateStateSchema = v.object({
  /** Of this program. */
  version: v.string(),
  way: v.picklist(updateWays),
  /** The host that is asked; none where there is nowhere to ask. */
  place: v.optional(v.string()),
  phase: v.picklist(updatePhases),
  offer: v.optional(offerSchema),
  progress: v.optional(v.object({ bytes: v.number(), of: v.number(), secondsLeft: v.optional(v.number()) })),
  /** Why the last thing that was asked for did not happen. */
  problem: v.optional(problemSchema),
});
export type UpdateState = v.InferOutput<typeof updateStateSchema>;

/** The state a message from main carries, or undefined where it has another form. */
export function parseUpdateState(message: unknown): UpdateState | undefined {
  const parsed = v.safeParse(updateStateSchema, message);
  return parsed.success ? parsed.output : undefined;
}

/** What can go wrong, by what a person does about it. */
export type UpdateFault =
  'offline' | 'untrusted' | 'no-list' | 'bad-list' | 'no-file' | 'changed' | 'signature' | 'full' | 'denied' | 'other';

const faults: Readonly<Record<UpdateFault, { readonly kind: Problem['kind']; readonly message: string; readonly fix: string }>> = {
  offline: {
    kind: 'config',
    message: 'The place that updates come from does not answer',
    fix: 'Look whether this machine is connected, and check again. Runs need no connection.',
  },
  untrusted: {
    kind: 'config',
    message: 'The place that updates come from cannot prove who it is, so nothing was read',
    fix: 'Look whether the clock of this machine is right and whether a proxy stands in between.',
  },
  'no-list': {
    kind: 'config',
    message: 'The place that updates come from has no list of versions for this system',
    fix: 'Check again later, or ask whoever gave you this program.',
  },
  'bad-list': {
    kind: 'data',
    message: 'What the place that updates come from answered is no list of versions',
    fix: 'Check again later, or ask whoever gave you this program.',
  },
  'no-file': {
    kind: 'config',
    message: 'The place that updates come from does not give out the file it names',
    fix: 'Check again later, or ask whoever gave you this program.',
  },
  changed: {
    kind: 'data',
    message: 'What came is not what was announced, and was deleted',
    fix: 'Download it again. Where that happens again, ask whoever gave you this program.',
  },
  signature: {
    kind: 'config',
    message: 'The update is not proved to be signed by the makers of this program, and is not installed',
    fix: 'Do not install it by hand either; ask whoever gave you this program.',
  },
  full: {
    kind: 'disk',
    message: 'There is no space left on the disk that updates are downloaded to',
    fix: 'Free some space, and download it again.',
  },
  denied: {
    kind: 'disk',
    message: 'The system does not let Avocet write or start the update',
    fix: 'Look who may write to this place, or install the newer version by hand.',
  },
  other: { kind: 'internal', message: 'The update did not go on', fix: 'Try again, or install the newer version by hand.' },
};

/** `where` is the host or the folder; `detail` the words of the library. */
export function updateProblem(fault: UpdateFault, where?: string, detail?: string): Problem {
  return {
    ...faults[fault],
    code: `update.${fault}`,
    values: {},
    ...(where === undefined ? {} : { where }),
    ...(detail === undefined ? {} : { detail }),
  };
}

export interface UnderWay {
  /** At work, or about to start. */
  readonly runs: number;
  readonly exports: number;
  /** Imports and other work, in the words of the status bar. */
  readonly jobs: readonly string[];
}

/** Why the program is not restarted now; undefined where nothing is under way. */
export function busyProblem({ runs, exports, jobs }: UnderWay): Problem | undefined {
  const [job] = jobs;
  if (runs > 0)
    return {
      kind: 'config',
      code: 'update.runs-at-work',
      message: 'Avocet is not restarted while runs are under way',
      values: { runs },
      fix: 'Wait until they have ended, or hold the queue and pause them. The download stays.',
    };
  if (exports > 0)
    return {
      kind: 'config',
      code: 'update.exporting',
      message: 'Avocet is not restarted while an export is being written',
      values: {},
      fix: 'Wait until its file is there. The download stays.',
    };
  if (job === undefined) return undefined;
  return {
    kind: 'config',
    code: 'update.busy',
    message: `Avocet is not restarted while this goes on: ${job}`,
    values: {},
    fix: 'Wait until it has ended, or end it in the status bar. The download stays.',
  };
}
