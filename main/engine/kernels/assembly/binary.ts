/** Element-wise operations on two operands. A step of 4 bytes walks an operand, a step of 0 repeats its one value. */

// @ts-ignore: decorator
@inline
function apply4(operation: i32, a: v128, b: v128): v128 {
  if (operation == 0) return f32x4.add(a, b);
  if (operation == 1) return f32x4.sub(a, b);
  if (operation == 2) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}

// @ts-ignore: decorator
@inline
function apply1(operation: i32, a: f32, b: f32): f32 {
  if (operation == 0) return a + b;
  if (operation == 1) return a - b;
  if (operation == 2) return a * b;
  return a / b;
}

// @ts-ignore: decorator
@inline
function line(operation: i32, a: usize, aStep: usize, b: usize, bStep: usize, count: i32, out: usize): void {
  const bytes: usize = (<usize>count) << 2;
  let i: usize = 0;
  if (aStep != 0 && bStep != 0) {
    for (; i + 16 <= bytes; i += 16) v128.store(out + i, apply4(operation, v128.load(a + i), v128.load(b + i)));
  } else if (aStep != 0) {
    const all = v128.load32_splat(b);
    for (; i + 16 <= bytes; i += 16) v128.store(out + i, apply4(operation, v128.load(a + i), all));
  } else if (bStep != 0) {
    const all = v128.load32_splat(a);
    for (; i + 16 <= bytes; i += 16) v128.store(out + i, apply4(operation, all, v128.load(b + i)));
  }
  for (; i < bytes; i += 4) {
    const left = load<f32>(aStep != 0 ? a + i : a);
    const right = load<f32>(bStep != 0 ? b + i : b);
    store<f32>(out + i, apply1(operation, left, right));
  }
}

/** out = a ∘ b; operation 0 +, 1 −, 2 ·, 3 ÷. */
export function binary(operation: i32, a: usize, aStep: usize, b: usize, bStep: usize, count: i32, out: usize): void {
  if (operation == 0) line(0, a, aStep, b, bStep, count, out);
  else if (operation == 1) line(1, a, aStep, b, bStep, count, out);
  else if (operation == 2) line(2, a, aStep, b, bStep, count, out);
  else line(3, a, aStep, b, bStep, count, out);
}

/** The same over rows of `width`, each operand with its own bytes from row to row and from column to column. */
export function binaryGrid(
  operation: i32,
  rows: i32,
  width: i32,
  a: usize,
  ars: usize,
  acs: usize,
  b: usize,
  brs: usize,
  bcs: usize,
  out: usize,
): void {
  for (let r = 0; r < rows; r++) {
    binary(operation, a, acs, b, bcs, width, out);
    a += ars;
    b += brs;
    out += (<usize>width) << 2;
  }
}
