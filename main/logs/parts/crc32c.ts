/** CRC-32C (Castagnoli, RFC 3720 B.4), and the masked form in which TFRecord files keep it. */
const table = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  table[n] = value >>> 0;
}

export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let value = 0xffffffff;
  for (let at = from; at < to; at++) value = table[(value ^ bytes[at]!) & 255]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Rotated right by 15 bits and moved by a constant: a checksum of data that holds checksums would be weak. */
export function maskedCrc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const value = crc32c(bytes, from, to);
  return (((value >>> 15) | (value << 17)) + 0xa282ead8) >>> 0;
}
