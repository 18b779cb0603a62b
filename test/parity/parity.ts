import process from 'node:process';
import { deviceIds } from '#engine/engine.ts';
import type { DeviceId } from '#engine/engine.ts';
import { openDevice } from '#engine/devices/open.ts';
import { checkFile } from './check-file.ts';
import { isDataset } from './vectors.ts';

const usage = `usage: npm run -s parity -- FILE… [--device ${deviceIds.join('|')}]`;

interface Request {
  readonly files: readonly string[];
  readonly device: DeviceId;
}

/** The request, or what is wrong with the arguments. */
function parse(args: readonly string[]): Request | string {
  const files: string[] = [];
  let device: DeviceId = 'wasm';
  for (let a = 0; a < args.length; a++) {
    const [option, attached] = args[a]!.split('=', 2) as [string, string?];
    if (option === '--device') {
      const value = attached ?? args[++a];
      const known = deviceIds.find((id) => id === value);
      if (known === undefined) return `--device takes ${deviceIds.join(', ')}, found ${value ?? 'nothing'}`;
      device = known;
    } else if (option.startsWith('--')) {
      return `unknown option ${option}`;
    } else {
      files.push(args[a]!);
    }
  }
  return files.length === 0 ? 'no file given' : { files, device };
}

async function main(): Promise<number> {
  const request = parse(process.argv.slice(2));
  if (typeof request === 'string') {
    process.stderr.write(`${request}\n${usage}\n`);
    return 2;
  }
  let device;
  try {
    device = await openDevice(request.device);
  } catch (error) {
    process.stderr.write(`device ${request.device}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const compared = request.files.filter((file) => !isDataset(file));
  let failed = 0;
  for (const file of compared) {
    const verdict = await checkFile(file);
    process.stdout.write(`${verdict.line}\n`);
    if (!verdict.passed) failed += 1;
  }
  device.close();
  if (compared.length === 0) process.stderr.write('nothing was compared: dataset.json holds no vectors\n');
  return failed > 0 || compared.length === 0 ? 1 : 0;
}

process.exitCode = await main();
