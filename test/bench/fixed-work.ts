/** The same on every version of the program: what the machine gives at this moment, to tell a slow machine from a slow screen. */
export function fixedWork(): number {
  const numbers = Float64Array.from({ length: 200_000 }, (_, at) => Math.sin(at * 12.9898) * 43758.5453);
  return numbers.sort()[0]!;
}

export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
