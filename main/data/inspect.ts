import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Finding } from '#contract/dataset-import.ts';
import { Answers } from './answers.ts';
import { attempt } from './attempt.ts';
import { eventStream } from './event-stream.ts';
import { diskError } from './file-stream.ts';
import { surveyFolder } from './folder-survey.ts';
import { IssueLog } from './issue-log.ts';
import { inspectLog } from './log-inspect.ts';

/**
 * Looks at an MMRec folder or a log file and reports what is there, reading and checking every value and writing nothing. The
 * last finding is `finished`; data problems are findings, not exceptions. Throws only when cancelled or on defects.
 */
export function inspect(path: string, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Finding, void, void> {
  return eventStream<Finding>(async (emit) => {
    const started = Date.now();
    const issues = new IssueLog();
    const answers = new Answers({}, true, (choice) => emit({ type: 'choice', choice }));
    let suggestedName = basename(path).replace(/(\.(inter|csv|tsv|jsonl?|dat|data|gz|txt))+$/i, '');
    try {
      const folder = await attempt(issues, () => isFolder(path));
      if (folder === true)
        suggestedName = (await surveyFolder(path, { issues, answers, emit, signal: options.signal }))?.contents.name ?? suggestedName;
      else if (folder === false) await inspectLog(path, { issues, answers, emit, signal: options.signal });
    } finally {
      for (const finding of issues.findings()) emit(finding);
    }
    emit({ type: 'finished', importable: !issues.isBlocked, suggestedName, elapsedMs: Date.now() - started });
  });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw diskError(error, path);
  }
}
