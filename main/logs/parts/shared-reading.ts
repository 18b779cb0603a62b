/**
 * What several runs read from one file: loaded when the first of them is read, let go when the last was, so that a file of a thousand runs
 * is read once and a folder of large files is not held whole.
 */
export function sharedReading<T>(runs: number, load: () => Promise<T>): () => Promise<T> {
  let left = runs;
  let loading: Promise<T> | undefined;
  return () => {
    const reading = (loading ??= load());
    left -= 1;
    if (left <= 0) loading = undefined;
    return reading;
  };
}
