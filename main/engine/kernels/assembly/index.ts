/**
 * Avocet's kernels for WebAssembly SIMD. The module imports its memory, which is shared between threads, and owns none of it: no
 * data segments, no stack, no runtime; every pointer, scratch included, comes from the host (devices/wasm-heap.ts), so an instance for
 * each thread can live on the memory of tfjs-backend-wasm. Sizes and ids are checked by the ops before they get here.
 */
export { alone, begin, fail, failures, finish, serve, stop } from './pool';
export { hide, select } from './top-k';
