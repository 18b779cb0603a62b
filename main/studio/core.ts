/** What procedures work with: the parts of an opened studio. */
import type { Problem } from '#contract/problem.ts';
import type { Store } from '#store/store.ts';
import type { Devices } from './devices.ts';
import type { CrashKeeper } from './diagnostics/crash-keeper.ts';
import type { Edits } from './edits.ts';
import type { Experiments } from './experiments.ts';
import type { HomeFolders } from './home-folders.ts';
import type { GraphicsList } from './graphics-list.ts';
import type { Hub } from './hub.ts';
import type { Jobs } from './jobs.ts';
import type { Lanes } from './lanes.ts';
import type { Library } from './library.ts';
import type { Meters } from './meters.ts';
import type { LogImports } from './log-imports/log-imports.ts';
import type { Incoming } from './openings/incoming.ts';
import type { RecentFiles } from './openings/recent-files.ts';
import type { OwnModels } from './own-models/own-models.ts';
import type { Planner } from './plan.ts';
import type { Queue } from './queue.ts';
import type { RunView } from './run-view.ts';
import type { Searches } from './searches.ts';
import type { SettingsBox } from './settings.ts';
import type { Spawn } from './spawn.ts';
import type { RunNews, Supervisor } from './supervisor.ts';
import type { TestDesk } from './test-desk.ts';
import type { Verifications } from './verifications.ts';

/** `between` is done while the folder is closed; `isSafe`: in safe mode from now on, or no longer. */
export type Reopen = (between?: () => Promise<void>, isSafe?: boolean) => void;

export interface StudioCore {
  readonly version: string;
  readonly folders: HomeFolders;
  readonly spawn: Spawn;
  readonly store: Store;
  readonly settings: SettingsBox;
  readonly hub: Hub<RunNews>;
  readonly jobs: Jobs;
  readonly edits: Edits;
  readonly supervisor: Supervisor;
  readonly queue: Queue;
  readonly lanes: Lanes;
  readonly graphics: GraphicsList;
  readonly planner: Planner;
  readonly ownModels: OwnModels;
  readonly view: RunView;
  readonly experiments: Experiments;
  readonly searches: Searches;
  readonly library: Library;
  readonly devices: Devices;
  readonly tests: TestDesk;
  readonly verifications: Verifications;
  readonly logImports: LogImports;
  /** What was sent or unpacked, to be looked at. */
  readonly incoming: Incoming;
  readonly recent: RecentFiles;
  readonly meters: Meters;
  readonly crashes: CrashKeeper;
  /** What this process told its person since it started, the last few hundred. */
  readonly notices: readonly string[];
  /** Closes the data folder, does what is to be done while it is closed, and opens it again, after what is under way was answered. Pages come back by themselves. */
  readonly reopen: Reopen;
  /** Opened without models and settings of the person's own. */
  readonly isSafe: boolean;
  /** The folder that was asked for; another one where its data were moved. */
  readonly askedHome: string;
  /** Why the move before this start ended where it began. */
  readonly moveFailure?: Problem;
  /** Runs that were found interrupted and taken up again at this start. */
  readonly resumed: readonly string[];
  /** After which epoch each of them was found. */
  readonly resumedAfter: readonly number[];
}
