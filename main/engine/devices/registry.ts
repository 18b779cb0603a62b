import type { Device } from '../device.ts';
import type { DeviceId } from '../engine.ts';
import { cpu } from './cpu.ts';
import { tensorflow } from './tensorflow.ts';
import { wasm } from './wasm.ts';
import { webgpu } from './webgpu.ts';

/** Every device of this build, the default first; a new device is one line here. */
export const devices: ReadonlyMap<DeviceId, Device> = new Map<DeviceId, Device>([
  ['wasm', wasm],
  ['cpu', cpu],
  ['tensorflow', tensorflow],
  ['webgpu', webgpu],
]);

/** The device with this id. Throws where this build has none. */
export function device(id: DeviceId): Device {
  const found = devices.get(id);
  if (found === undefined) throw new Error(`This build has no device "${id}"; it has ${[...devices.keys()].join(', ')}.`);
  return found;
}
