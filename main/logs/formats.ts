import { elliot } from './formats/elliot.ts';
import { mlflowFiles } from './formats/mlflow-files.ts';
import { mlflowStore } from './formats/mlflow-store.ts';
import { mmrec } from './formats/mmrec.ts';
import { recbole } from './formats/recbole.ts';
import { tensorboard } from './formats/tensorboard.ts';
import { wandb } from './formats/wandb.ts';
import type { LogFormat } from './log-format.ts';

/** Every tool whose files are read. A place may hold those of several. */
export const logFormats: readonly LogFormat[] = [tensorboard, mlflowFiles, mlflowStore, wandb, mmrec, recbole, elliot];
