/**
 * Child process that probes one device: `node probe-process.ts ID OPTIONS` prints the answer as one line of JSON. Bundles carry it
 * as `probe-process.cjs` beside the program.
 */
import type { DeviceId, OpenOptions } from '../engine.ts';
import { device } from './registry.ts';

const [id, options] = process.argv.slice(2);
void device(id as DeviceId)
  .probe(JSON.parse(options ?? '{}') as OpenOptions)
  .then((probe) => process.stdout.write(`${JSON.stringify(probe)}\n`));
