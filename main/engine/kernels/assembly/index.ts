/**
 * Avocet's kernels for WebAssembly SIMD. The module imports its memory and owns none of it: no data segments, no stack, no runtime;
 * every pointer, scratch included, comes from the host (devices/wasm-heap.ts), so it can live on tfjs-backend-wasm's memory.
 * Sizes and ids are checked by the ops before they get here.
 */
export { spmm } from './spmm';
export { gatherRows, addRows, pairDifferences, rowDots, bprGradient, normaliseRows, normaliseRowsGradient } from './rows';
export { sumOfSquares, rowSums, columnSums } from './sums';
export { adam } from './adam';
export { gemm, gemmScratch } from './gemm';
export { bothShares, expBoth, expSums, largestScore, scaleRows, shares, subtractPairs } from './info-nce';
export { hide, select } from './top-k';
export { copyRuns } from './moves';
export { exp, leakyRelu, leakyReluGradient, sigmoid, tanh, sigmoidGradient, tanhGradient } from './elementwise';
