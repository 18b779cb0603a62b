/** What MMRec and RecBole say of an epoch, in nearly the same words. Their epochs count from 0, those of Avocet from 1. */
import { resultsIn, SeriesBook, type Message } from './log-text.ts';

export class EpochLines {
  readonly book = new SeriesBook();
  /** Counted from 1; those of the last lines on training and on evaluation. */
  trained = 0;
  evaluated = 0;
  best: number | undefined;

  /** Whether the message was about an epoch. */
  take({ text }: Message): boolean {
    const training = /^epoch (\d+) training \[time: ([\d.]+)s,?(.*)/s.exec(text);
    // MMRec leaves the epoch out where the loss has parts.
    if (training !== null || /^train_loss1: /.test(text)) {
      this.trained = training === null ? this.trained + 1 : Number(training[1]) + 1;
      if (training !== null) this.book.add('train-seconds', this.trained, Number(training[2]));
      this.#losses(training === null ? text : training[3]!);
      return true;
    }
    const evaluating = /^epoch (\d+) evaluating \[time: ([\d.]+)s, valid_score: (\S+)\]/.exec(text);
    if (evaluating !== null) {
      this.evaluated = Number(evaluating[1]) + 1;
      // A log that does not say which epoch a loss is of is put right here.
      this.trained = this.evaluated;
      this.book.add('evaluation-seconds', this.evaluated, Number(evaluating[2]));
      return true;
    }
    const result = /^(valid|test) result\s*:\s*\n(.*)/s.exec(text);
    if (result !== null) {
      for (const [name, value] of Object.entries(resultsIn(result[2]!))) this.book.add(`${result[1]}/${name}`, this.evaluated, value);
      return true;
    }
    const finished = /Finished training, best eval result in epoch (\d+)/.exec(text);
    if (finished !== null) this.best = Number(finished[1]) + 1;
    return finished !== null;
  }

  #losses(text: string): void {
    const parts = resultsIn(text.replace(/train loss/g, 'train_loss'));
    const losses = Object.entries(parts).filter(([name]) => /^train_loss\d*$/.test(name));
    for (const [name, value] of losses)
      if (losses.length > 1) this.book.add(`loss/${name.slice('train_loss'.length)}`, this.trained, value);
    if (losses.length > 0)
      this.book.add(
        'train/loss',
        this.trained,
        losses.reduce((sum, [, value]) => sum + value, 0),
      );
  }
}
