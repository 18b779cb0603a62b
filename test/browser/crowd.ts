/** Names of what fill-home.ts puts into a data folder; long, as people choose them. */
export const longDataset = 'Amazon Reviews 2014, Clothing Shoes and Jewelry, five-core, images and texts';
export const openExperiment = 'How deep may propagation go before the long tail of a sparse multimodal dataset is smoothed away?';
export const frozenExperiment = 'Pictures, texts or neither: the frozen comparison';
