/** Which buttons of a screen lead: one alone (the card of first steps stands above every page, and each page has a leading button of its own). */
import { getContext, setContext } from 'svelte';

type Place = 'page' | 'empty' | 'steps';
const key = Symbol();

class Primaries {
  /** Leading buttons that a page, or a dialog over it, shows. */
  #count = $state(0);
  /** Whether the card of first steps stands there. */
  areStepsShown = $state(false);

  get isTaken(): boolean {
    return this.#count > 0;
  }

  /** Until what it returns is called. */
  take(): () => void {
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }
}

export const primaries = new Primaries();

/** Of the buttons within the component that calls it: what an empty place offers gives way to the first steps, and they to all else. */
export const buttonsStandIn = (place: Place): void => void setContext(key, place);
export const placeOfButton = (): Place => getContext<Place | undefined>(key) ?? 'page';
