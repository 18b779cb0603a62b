import type { Dataset, Modality } from '#data/dataset.ts';

/** The modalities with the image first, as released code joins them (v, then t); the others keep the dataset's order. */
export function imageFirst({ modalities }: Dataset): readonly Modality[] {
  return [...modalities.filter(({ name }) => name === 'image'), ...modalities.filter(({ name }) => name !== 'image')];
}
