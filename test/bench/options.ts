import { parseArgs } from 'node:util';
import { works } from './works.ts';
import type { BenchDevice, Work } from './works.ts';

export interface BenchOptions {
  readonly works: readonly Work[];
  readonly device: BenchDevice;
  readonly threads: readonly number[];
  readonly peer: 'pytorch' | undefined;
  readonly json: boolean;
  /** Interleaved repetitions of each row. */
  readonly rounds: number;
}

export const usage = `npm run bench -- [--only WORK]… [--device wasm|tensorflow] [--threads 1,2] [--peer pytorch] [--rounds 5] [--json]
works: ${works.map(({ id }) => id).join(', ')}`;

const devices: readonly BenchDevice[] = ['wasm', 'tensorflow'];

/** Options of a command line, or the sentence that says what is wrong with it. */
export function benchOptions(args: readonly string[]): BenchOptions | { readonly wrong: string } {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        device: { type: 'string', default: 'wasm' },
        threads: { type: 'string', default: '1,2' },
        peer: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        json: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
  const device = devices.find((id) => id === values.device);
  if (device === undefined) return { wrong: `--device must be ${devices.join(' or ')}, found "${values.device}"` };
  if (values.peer !== undefined && values.peer !== 'pytorch') return { wrong: `--peer must be pytorch, found "${values.peer}"` };
  const unknown = values.only?.find((id) => !works.some((work) => work.id === id));
  if (unknown !== undefined) return { wrong: `--only must be one of ${works.map(({ id }) => id).join(', ')}, found "${unknown}"` };
  const threads = values.threads.split(',').map(Number);
  if (threads.some((count) => !Number.isInteger(count) || count < 1 || count > 256)) {
    return { wrong: `--threads must be whole numbers such as 1,2, found "${values.threads}"` };
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) return { wrong: `--rounds must be a whole number from 1, found "${values.rounds}"` };
  return {
    works: works.filter(({ id }) => values.only === undefined || values.only.includes(id)),
    device,
    threads,
    peer: values.peer,
    json: values.json,
    rounds,
  };
}
