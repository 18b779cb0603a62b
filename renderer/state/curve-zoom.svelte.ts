/** The part of their axis that the charts of a comparison show, the same in all of them. */
import { clampedSpan, zoomedSpan, type Span } from '#renderer/charts/zoom.ts';

export class CurveZoom {
  /** Undefined for all of it. */
  span = $state.raw<Span | undefined>();
  readonly #whole: () => Span;
  readonly #least: () => number;

  /** `least` is the narrowest part. */
  constructor(whole: () => Span, least: () => number) {
    this.#whole = whole;
    this.#least = least;
  }

  show(next: Span): void {
    this.span = clampedSpan(next, this.#whole(), this.#least());
  }

  by(factor: number, centre?: number): void {
    this.show(zoomedSpan(this.span ?? this.#whole(), factor, centre));
  }

  all(): void {
    this.span = undefined;
  }

  /** A place that keys have reached outside of what is shown comes into sight. */
  follow(place: number): void {
    const { span } = this;
    if (span === undefined || (place >= span.from && place <= span.to)) return;
    const width = span.to - span.from;
    this.show(place < span.from ? { from: place, to: place + width } : { from: place - width, to: place });
  }

  /** The keyboard's way to what dragging and the wheel do; whether the key was one of its own. */
  key(event: KeyboardEvent, place: number): boolean {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const { key } = event;
    if (key === '+' || key === '=') this.by(0.5, place);
    else if (key === '-') this.by(2, place);
    else if (key === '0' || (key === 'Escape' && this.span !== undefined)) this.all();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
