import type { Finding } from '#contract/dataset-import.ts';
import type { IssueLog } from './issue-log.ts';
export async function inspectLog(
  path: string,
  options: { readonly issues: IssueLog; readonly emit: (finding: Finding) => void; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  void path;
  void options;
  await Promise.resolve();
}
