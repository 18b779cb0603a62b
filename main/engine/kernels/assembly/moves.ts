/** Copies `rows` runs of `bytes` (a multiple of 4) from rows `from` apart to rows `to` apart: slices, joins and pads of matrices. */
export function copyRuns(x: usize, rows: i32, bytes: usize, from: usize, out: usize, to: usize): void {
  for (let r = 0; r < rows; r++) {
    let c: usize = 0;
    for (; c + 16 <= bytes; c += 16) v128.store(out + c, v128.load(x + c));
    for (; c < bytes; c += 4) store<f32>(out + c, load<f32>(x + c));
    x += from;
    out += to;
  }
}
