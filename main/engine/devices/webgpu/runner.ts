/** Runs our shaders in the command stream of tfjs's backend, so that both see each other's work in order. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { roomy } from './backend.ts';
import type { Started, WebgpuBackend } from './backend.ts';
import { tableUsage } from './dawn.ts';
import type { GpuBuffer, GpuPipeline } from './dawn.ts';

export type Kind = 'f32' | 'u32' | 'i32' | 'vec4<f32>';

/** One compute shader: buffers in the order they are bound, numbers as uniforms `n.name`, and the body of its entry. */
export interface Program {
  readonly name: string;
  readonly buffers: Readonly<Record<string, { readonly of: Kind; readonly writes?: boolean }>>;
  readonly numbers: Readonly<Record<string, 'u32' | 'f32'>>;
  readonly lanes: number;
  /** Declarations before the entry: functions, workgroup arrays. */
  readonly before?: string;
  /** Sees `group` (linear number of the workgroup), `lane` and `place` = group · lanes + lane. */
  readonly body: string;
}

function source(program: Program): string {
  const names = Object.entries(program.buffers);
  const buffers = names.map(
    ([name, { of, writes }], i) =>
      `@group(0) @binding(${i}) var<storage, ${writes === true ? 'read_write' : 'read'}> ${name}: array<${of}>;`,
  );
  const fields = Object.entries(program.numbers).map(([name, type]) => `  ${name}: ${type},`);
  return `${buffers.join('\n')}
struct Numbers {
${fields.join('\n')}
}
@group(0) @binding(${names.length}) var<uniform> n: Numbers;
${program.before ?? ''}
@compute @workgroup_size(${program.lanes})
fn main(@builtin(workgroup_id) at: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  // A row of workgroups holds 65,535 at most; longer work goes on in further rows.
  let group = at.y * grid.x + at.x;
  let place = group * ${program.lanes}u + lane;
${program.body}
}
`;
}

/** Buffers on the GPU and the shaders over them. Everything runs in the order it was asked for, at the next submission. */
export class Runner {
  readonly #started: Started;
  readonly #backend: WebgpuBackend;
  readonly #pipelines = new Map<string, GpuPipeline>();

  constructor(started: Started) {
    this.#started = started;
    this.#backend = started.backend;
  }

  /** The buffer of a tensor, put on the GPU first where it has not been there. */
  of(tensor: TensorInfo): GpuBuffer {
    if (tensor.shape.includes(0)) return this.scratch(4);
    this.#backend.uploadToGPU(tensor.dataId);
    this.#backend.commandQueueOwnedIds.add(tensor.dataId);
    return this.#backend.tensorMap.get(tensor.dataId).resource!;
  }

  /** The same for a tensor that is about to be written in place. */
  ofWritten(tensor: TensorInfo): GpuBuffer {
    const buffer = this.of(tensor);
    this.#backend.tensorMap.get(tensor.dataId).values = null;
    return buffer;
  }

  /** A new tensor, its values still to be written. */
  make(shape: readonly number[]): TensorInfo {
    const tensor = this.#backend.makeTensorInfo([...shape], 'float32');
    if (shape.includes(0)) this.#backend.tensorMap.get(tensor.dataId).values = new Float32Array(0);
    return tensor;
  }

  /** Room for the work at hand alone, with whatever it held before. */
  scratch(bytes: number): GpuBuffer {
    const buffer = this.#backend.bufferManager.acquireBuffer(roomy(bytes), tableUsage);
    this.#backend.uniformPendingDisposal.push(buffer);
    return buffer;
  }

  /** Scratch with these values. */
  put(values: Int32Array | Float32Array): GpuBuffer {
    const buffer = this.scratch(values.byteLength);
    if (values.length > 0) this.#started.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  /** A buffer that stays until it is destroyed, filled or zero. */
  hold(values: Int32Array | Float32Array | number): GpuBuffer {
    const bytes = typeof values === 'number' ? values * 4 : values.byteLength;
    const buffer = this.#started.device.createBuffer({ size: Math.max(bytes, 4), usage: tableUsage });
    if (typeof values !== 'number' && values.length > 0) this.#started.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  write(buffer: GpuBuffer, values: Float32Array): void {
    // What is recorded but not submitted would otherwise come after this.
    this.#flush();
    if (values.length > 0) this.#started.device.queue.writeBuffer(buffer, 0, values);
  }

  /** Destroys held buffers once the work that uses them is on its way. */
  drop(buffers: readonly GpuBuffer[]): void {
    this.#flush();
    for (const buffer of buffers) buffer.destroy();
  }

  copy(from: GpuBuffer, to: GpuBuffer, bytes: number, toByte = 0): void {
    if (bytes === 0) return;
    this.#backend.ensureCommandEncoderReady();
    this.#backend.endComputePassEncoder();
    this.#backend.commandEncoder.copyBufferToBuffer(from, 0, to, toByte, bytes);
  }

  read(buffer: GpuBuffer, bytes: number): ArrayBuffer {
    return bytes === 0 ? new ArrayBuffer(0) : this.#started.read(buffer, bytes);
  }

  /** Runs `groups` workgroups; buffers and numbers in the order the program names them. */
  run(program: Program, buffers: readonly GpuBuffer[], numbers: readonly number[], groups: number): void {
    if (groups === 0) return;
    const backend = this.#backend;
    const types = Object.values(program.numbers);
    const uniforms = backend.makeUniforms(numbers.map((value, i) => ({ type: types[i] === 'f32' ? 'float32' : 'uint32', data: [value] })));
    const pipeline = this.#pipeline(program);
    const group = this.#started.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [...buffers, uniforms.buffer].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder.beginComputePass({});
    const pass = backend.computePassEncoder;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    const most = this.#started.device.limits.maxComputeWorkgroupsPerDimension;
    const across = Math.min(groups, most);
    pass.dispatchWorkgroups(across, Math.ceil(groups / across), 1);
    backend.dispatchCountInPass++;
    if (backend.dispatchCountInPass >= 32) this.#flush();
  }

  /** Runs one invocation for each of `count` places. */
  each(program: Program, buffers: readonly GpuBuffer[], numbers: readonly number[], count: number): void {
    this.run(program, buffers, numbers, Math.ceil(count / program.lanes));
  }

  #flush(): void {
    this.#backend.ensureCommandEncoderReady();
    this.#backend.endComputePassEncoder();
    this.#backend.submitQueue();
  }

  #pipeline(program: Program): GpuPipeline {
    const known = this.#pipelines.get(program.name);
    if (known !== undefined) return known;
    const label = `avocet ${program.name}`;
    const { device } = this.#started;
    const module = device.createShaderModule({ code: source(program), label });
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' }, label });
    this.#pipelines.set(program.name, pipeline);
    return pipeline;
  }
}
