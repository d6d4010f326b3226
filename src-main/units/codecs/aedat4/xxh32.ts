const PRIME1 = 0x9e37_79b1;
const PRIME2 = 0x85eb_ca77;
const PRIME3 = 0xc2b2_ae3d;
const PRIME4 = 0x27d4_eb2f;
const PRIME5 = 0x1656_67b1;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** xxHash with 32 bits and seed 0, as LZ4 frames use it (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). */
export function xxh32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number => view.getInt32(at, true);
  let hash: number;
  let at = 0;
  if (bytes.length >= 16) {
    let a = (PRIME1 + PRIME2) | 0;
    let b = PRIME2 | 0;
    let c = 0;
    let d = -PRIME1 | 0;
    for (; at + 16 <= bytes.length; at += 16) {
      a = Math.imul(rotate((a + Math.imul(word(at), PRIME2)) | 0, 13), PRIME1);
      b = Math.imul(rotate((b + Math.imul(word(at + 4), PRIME2)) | 0, 13), PRIME1);
      c = Math.imul(rotate((c + Math.imul(word(at + 8), PRIME2)) | 0, 13), PRIME1);
      d = Math.imul(rotate((d + Math.imul(word(at + 12), PRIME2)) | 0, 13), PRIME1);
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else hash = PRIME5 | 0;
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) hash = Math.imul(rotate((hash + Math.imul(word(at), PRIME3)) | 0, 17), PRIME4);
  for (; at < bytes.length; at += 1) hash = Math.imul(rotate((hash + Math.imul(bytes[at]!, PRIME5)) | 0, 11), PRIME1);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
