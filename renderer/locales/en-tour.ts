/** English words of the first steps. */
import { counted } from './format.ts';

export const devices = { wasm: 'wasm', cpu: 'cpu', tensorflow: 'TensorFlow', webgpu: 'WebGPU' } as const;

export const words = {
  title: 'First steps',
  steps: { machine: 'This machine', run: 'Run the demo', compare: 'Compare', table: 'Table for the paper' },
  done: 'done',
  skip: 'Skip',
  finish: 'Done',
  looking: 'Looking at what this machine offers',
  ready: 'Ready:',
  free: (free: string) => `; ${free} free.`,
  settings: 'Settings',
  demo: 'The demo trains three models with three seeds on a small drawn dataset.',
  drawing: 'The demo dataset is being drawn',
  run: (runs: string, time: string) => `Run the demo · ${runs}, ${time}`,
  known: 'Show the demo',
  training: (n: number) => `${counted(n, 'run')} of the demo to go. The curves grow while they train; the window may be closed.`,
  watch: 'Watch in Queue',
  compare: 'The demo has finished. Compare shows its means over seeds.',
  toCompare: 'Compare the models',
  table: 'Test values are hidden until the selection is frozen; the table of validation values can be taken at once.',
  toTable: 'Take the table',
  copied: 'Copy puts the table on the clipboard; LaTeX compiles as it is. These steps are in Help whenever you want them again.',
} as const;
