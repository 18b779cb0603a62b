import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

/**
 * PyTorch in an environment of its own under .cache. The Python registry has no build for Linux on x86-64 without CUDA, and its
 * library loads these companions when it is imported; those it never loads here (triton and others) are left out.
 */
const torch = 'torch==2.15.0';
const everywhere = ['numpy', 'filelock', 'typing_extensions', 'fsspec', 'jinja2', 'markupsafe', 'sympy', 'mpmath', 'networkx'];
const cudaCompanions = [
  ...['nvidia-cublas==13.4.1.3', 'nvidia-cuda-runtime==13.2.86', 'nvidia-cusparse==12.7.10.12', 'nvidia-cufft==12.2.0.57'],
  ...['nvidia-cufile==1.17.1.22', 'nvidia-cusparselt-cu13==0.8.1', 'nvidia-nccl-cu13==2.30.7', 'nvidia-cudnn-cu13==9.26.0.51'],
  ...['nvidia-cuda-nvrtc==13.2.86', 'nvidia-cuda-cupti==13.2.86', 'nvidia-nvjitlink==13.5.37', 'nvidia-nvshmem-cu13==3.7.2'],
];
const hasCuda = process.platform === 'linux' && process.arch === 'x64';
const packages = [torch, ...everywhere, ...(hasCuda ? cudaCompanions : [])];
/** GB on disk when installed, GB fetched; measured. */
const needs = hasCuda
  ? { disk: 4.1, download: 2.6, words: 'about a minute on a fast line, ten on a slow one' }
  : { disk: 0.8, download: 0.2, words: 'a minute' };

export type Environment = { readonly python: string } | { readonly reason: string };

/** The python of an environment with PyTorch, made where it is missing; or why there is none. Says what it needs before it installs. */
export async function pytorchEnvironment(
  cache: string,
  say: (text: string) => void,
  freeSpace: (folder: string) => Promise<number> = freeGigabytes,
): Promise<Environment> {
  const folder = join(cache, 'bench', 'pytorch');
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const stamp = join(folder, '.complete');
  if (existsSync(stamp)) return { python };
  await mkdir(join(cache, 'bench'), { recursive: true });
  const free = await freeSpace(cache);
  if (free < needs.disk + 1) return { reason: `PyTorch needs ${needs.disk} GB on disk, ${free.toFixed(1)} GB are free` };
  say(`Installing PyTorch for the comparison: ${needs.download} GB to fetch, ${needs.disk} GB on disk, ${needs.words} …`);
  await rm(folder, { recursive: true, force: true });
  const venv = await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
  if (venv !== undefined) return { reason: `no Python environment could be made; install python3 with its venv module (${venv})` };
  const pip = await run(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-cache-dir', '--no-deps', ...packages]);
  const check = pip ?? (await run(python, ['-c', 'import torch']));
  if (check !== undefined) {
    await rm(folder, { recursive: true, force: true });
    return { reason: `PyTorch could not be installed (${check})` };
  }
  await writeFile(stamp, '');
  return { python };
}

async function freeGigabytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return (bavail * bsize) / 1e9;
}

/** Undefined, or what a program said last before it failed. Ends with this process. */
async function run(program: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      said = error.message;
      resolve(1);
    });
    child.once('close', resolve);
  });
  process.removeListener('exit', end);
  return code === 0 ? undefined : (said.trim().split('\n').at(-1) ?? `exit code ${code}`);
}
