/** What the settings mean that every model of an experiment shares, beside their fields and in help alike. */
import type { Budget } from '#contract/run.ts';

export const budgetWords: Readonly<Record<keyof Budget, { readonly label: string; readonly says: string }>> = {
  epochs: {
    label: 'Epochs, at most',
    says: 'A run ends here even where validation still improves. One epoch is one pass over the train rows.',
  },
  batchSize: {
    label: 'Batch',
    says: 'Train pairs per step of the optimiser. Smaller batches make more steps an epoch, and other results.',
  },
  patience: {
    label: 'Patience',
    says: 'A run stops early when validation Recall@20 has missed its best more than so many times in a row: with 20, at the 21st miss.',
  },
  minEpochs: {
    label: 'Epochs, at least',
    says: 'Misses count only after these. Losses with cosine similarity peak early, sink and come back; 40 epochs carry them over that.',
  },
  learningRate: { label: 'Learning rate', says: 'Size of a step of Adam (β 0.9 and 0.999, ε 1e-8, no weight decay).' },
  learningRateDecay: {
    label: 'Learning-rate factor',
    says: 'The factor c in lr · c^(epoch/50), with epochs from 0. 1 keeps the rate; where nothing is said it is the model card’s.',
  },
  width: { label: 'Width', says: 'Numbers in an embedding of a user or an item, and in projected features.' },
  mirror: {
    label: 'Mirror Gradient α₂',
    says: 'Size of the step up the loss that follows the step down on every β-th batch, in units of the learning rate; 0 switches it off.',
  },
  mirrorDescent: { label: 'Mirror Gradient α₁', says: 'Factor of the step down on those batches.' },
  mirrorEvery: { label: 'Mirrored step every', says: 'β of Mirror Gradient: every so many batches the step is mirrored.' },
};
