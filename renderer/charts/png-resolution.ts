/** How large a PNG is on paper: a browser writes none, and programs that set it take 72 or 96 dots an inch instead. Pure. */
import { crc32 } from '#contract/crc32.ts';

const inch = 0.0254;
/** The signature and IHDR, which comes first and has 13 bytes. */
const header = 8 + 25;

/** The picture with a chunk pHYs. @param png as a browser encodes it, without one */
export function withResolution(png: Uint8Array, dotsPerInch: number): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(21);
  const view = new DataView(chunk.buffer);
  const dotsPerMetre = Math.round(dotsPerInch / inch);
  view.setUint32(0, 9);
  chunk.set(new TextEncoder().encode('pHYs'), 4);
  view.setUint32(8, dotsPerMetre);
  view.setUint32(12, dotsPerMetre);
  chunk[16] = 1;
  view.setUint32(17, crc32(chunk.subarray(4, 17)));
  const whole = new Uint8Array(png.length + chunk.length);
  whole.set(png.subarray(0, header));
  whole.set(chunk, header);
  whole.set(png.subarray(header), header + chunk.length);
  return whole;
}
