/** The console line of a training event, so that the console of a run tells its whole story and not only its warnings. Pure. */
import type { ConsoleLine } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';

const seconds = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} s`;

/** Level and text, or undefined for events that say nothing a person would read. */
export function consoleWords(event: TrainingEvent): Omit<ConsoleLine, 'at'> | undefined {
  switch (event.type) {
    case 'prepared': {
      const { provenance, parameters, evaluatedUsers } = event;
      return info(
        `prepared on ${provenance.device}, threads ${provenance.threads}, ${parameters === 0 ? '' : `${parameters} parameters, `}${evaluatedUsers.validation} users validated`,
      );
    }
    case 'stageStarted':
      return info(
        event.fromEpoch > 0
          ? `stage ${event.stage} (${event.model}) goes on after epoch ${event.fromEpoch}`
          : `stage ${event.stage} (${event.model}) begins`,
      );
    case 'epochFinished': {
      const recall = event.validation['recall@20'];
      const value = recall === undefined ? '' : ` recall@20 ${recall.toFixed(4)}`;
      return info(
        `epoch ${event.epoch}${event.loss === undefined ? '' : ` loss ${Number(event.loss.toPrecision(4))}`}${value} ${seconds(event.trainSeconds + event.evaluationSeconds)}${event.bestEpoch === event.epoch ? ' best' : ''}`,
      );
    }
    case 'stageFinished':
      return info(
        event.reused
          ? `stage ${event.stage} taken from an earlier run`
          : `stage ${event.stage} done: ${event.epochs} epochs, best ${event.bestEpoch}, ${seconds(event.seconds)}`,
      );
    case 'line':
      return { level: event.level, text: event.text, by: event.by ?? 'studio' };
    case 'finished':
      return info(`finished (${event.stopReason}) after ${event.epochs} epochs, best ${event.bestEpoch}`);
    case 'paused':
      return info(
        `paused after epoch ${event.epoch}${event.dropped === undefined ? '' : `; epoch ${event.dropped}, which had begun, is dropped`}`,
      );
    case 'failed':
      return {
        level: 'error',
        // A message may quote what a program or a model of the person's own said.
        by: 'program',
        text: event.problem.where === undefined ? event.problem.message : `${event.problem.where}: ${event.problem.message}`,
      };
    case 'checkpointWritten':
    case 'phase':
      return undefined;
  }
}

const info = (text: string): Omit<ConsoleLine, 'at'> => ({ level: 'info', text, by: 'studio' });
