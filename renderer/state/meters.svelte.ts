import type { GraphicsReading, Meters, RunReading } from '#contract/meter.ts';
import { bytes } from '#renderer/locales/format.ts';
import { studio } from './studio.svelte.ts';

/** What devices are busy with, followed once for the status bar, the cards of the queue and a run's page. */
class MetersState {
  #value = $state.raw<Meters>({ graphics: [], runs: [] });
  #isFollowed = false;

  /** Begins to follow; called by the shell, once. */
  follow(): void {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    void studio.follow('meters.watch', {}, (value) => (this.#value = value));
  }

  get graphics(): readonly GraphicsReading[] {
    return this.#value.graphics;
  }

  ofRun(id: string): RunReading | undefined {
    return this.#value.runs.find((run) => run.id === id);
  }

  device(index: number | undefined): GraphicsReading | undefined {
    return index === undefined ? undefined : this.#value.graphics.find((each) => each.index === index);
  }
}

export const meters = new MetersState();

/** "37 %", "1.1 of 85.5 GB", "41 °C", "118 W": what the driver tells, in this order. */
export function readingParts({ utilisation, usedBytes, totalBytes, celsius, watts }: GraphicsReading): string[] {
  const memory = usedBytes === undefined ? undefined : totalBytes === undefined ? bytes(usedBytes) : memoryOf(usedBytes, totalBytes);
  return [
    ...(utilisation === undefined ? [] : [`${Math.round(utilisation)} %`]),
    ...(memory === undefined ? [] : [memory]),
    ...(celsius === undefined ? [] : [`${Math.round(celsius)} °C`]),
    ...(watts === undefined ? [] : [`${Math.round(watts)} W`]),
  ];
}

function memoryOf(used: number, total: number): string {
  return `${bytes(used)} of ${bytes(total)}`;
}
