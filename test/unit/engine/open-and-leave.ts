/** Opens the wasm device on three threads, computes and simply ends: threads that sleep must not keep a process. */
import { openDevice } from '#engine/devices/open.ts';
import { matMul, ones } from '#engine/ops/basic.ts';

const device = await openDevice('wasm', { threads: 3 });
const product = matMul(ones([400, 40]), ones([40, 400]));
if (device.threads !== 3 || product.dataSync()[7] !== 40) process.exit(3);
