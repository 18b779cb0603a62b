/**
 * a·b + c of four floats, rounded once where the module is built for processors that fuse (`--use FUSED=1`), else twice. One module uses
 * one of them everywhere, so that results do not depend on where in a kernel a value is computed.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: a constant of the build
  if (FUSED) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
