/** What a TensorFlow wheel says of CUDA, and the NVIDIA libraries that pip puts beside it. Looks, loads nothing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Versions a wheel was built for; `undefined` for a build without CUDA, and where the wheel does not say. */
export interface CudaBuild {
  readonly cuda: string;
  readonly cudnn: string;
}

/** The folder of Python packages around a library, or undefined for a library that lies alone. */
export function packagesAround(library: string): string | undefined {
  const folder = path.dirname(library);
  return path.basename(folder) === 'tensorflow' ? path.dirname(folder) : undefined;
}

/** Reads the wheel's build_info.py, a list of pairs such as ('cuda_version', '12.5.1'). */
export function cudaBuild(library: string): CudaBuild | undefined {
  const file = path.join(path.dirname(library), 'python', 'platform', 'build_info.py');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const valueOf = (name: string): string | undefined => new RegExp(`'${name}',\\s*'?([^',)]+)`).exec(text)?.[1];
  if (valueOf('is_cuda_build') !== 'True') return undefined;
  return { cuda: valueOf('cuda_version') ?? 'of unknown version', cudnn: valueOf('cudnn_version') ?? 'of unknown version' };
}

/** The libraries in every site-packages/nvidia/<name>/lib of the environment. */
export function cudaLibraries(library: string): string[] {
  const packages = packagesAround(library);
  if (packages === undefined) return [];
  const folders = entries(path.join(packages, 'nvidia')).map((name) => path.join(packages, 'nvidia', name, 'lib'));
  return folders.flatMap((folder) =>
    entries(folder)
      .filter((name) => /\.so(\.\d+)*$/.test(name))
      .map((name) => path.join(folder, name)),
  );
}

/** Whether NVIDIA's driver runs on this machine. */
export function hasNvidiaDriver(): boolean {
  return ['/proc/driver/nvidia/version', '/dev/nvidiactl'].some((file) => existsSync(file));
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
