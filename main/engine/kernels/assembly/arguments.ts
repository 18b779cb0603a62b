/** Arguments of a job: 64-bit floats, which hold pointers and counts exactly; read by their place. */

// @ts-ignore: decorator
@inline
export function whole(at: usize, place: usize): i32 {
  return <i32>load<f64>(at + (place << 3));
}

// @ts-ignore: decorator
@inline
export function pointer(at: usize, place: usize): usize {
  return <usize>load<f64>(at + (place << 3));
}

// @ts-ignore: decorator
@inline
export function number(at: usize, place: usize): f32 {
  return <f32>load<f64>(at + (place << 3));
}

/** Bytes of `rows` rows of `width` floats. */
// @ts-ignore: decorator
@inline
export function bytes(rows: i32, width: i32): usize {
  return (<usize>rows * <usize>width) << 2;
}
