/**
 * The jobs of the pool: kernels that run in chunks on several threads. Read by the compiler of the kernels and by
 * devices/wasm-pool.ts, so both sides mean the same by a number. Arguments are listed in jobs.ts.
 */
export const jobSpmm = 0;
export const jobGather = 1;
export const jobSegmentSum = 2;
export const jobPackColumns = 3;
export const jobGemm = 4;
export const jobAddParts = 5;
export const jobAdam = 6;
export const jobUnary = 7;
export const jobBinary = 8;
export const jobBinaryGrid = 9;
export const jobNormalise = 10;
export const jobNormaliseGradient = 11;
export const jobBprGradient = 12;
export const jobRowSums = 13;
export const jobColumnSums = 14;
export const jobAddDoubles = 15;
export const jobSquares = 16;
export const jobCopyRuns = 17;
export const jobFill = 18;
export const jobTopK = 19;
export const jobNceForward = 20;
export const jobNceShares = 21;
export const jobMutualForward = 22;
export const jobMutualGradient = 23;
export const jobRowDots = 24;
export const jobPairDifferences = 25;
export const jobQuantise = 40;
export const jobScreenedTopK = 41;
export const jobFindPlaces = 50;
export const jobFoldRows = 51;
export const jobSpmmRows = 52;
export const jobSpmmFrom = 53;
export const jobLessPairs = 60;
export const jobBatchProducts = 61;

/** Bytes of scratch of each thread. */
export const threadScratch = 786432;

/** Steps of the inner dimension that are packed at once. */
export const packedSteps = 256;
