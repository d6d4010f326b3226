declare module "seek-bzip" {
  /** Unpacks a bzip2 stream into memory of its exact size. Throws when it is damaged. */
  export function decode(input: Uint8Array, output: Uint8Array): Uint8Array;
}
