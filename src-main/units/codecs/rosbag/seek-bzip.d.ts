declare module "seek-bzip" {
  const bzip2: {
    /** Unpacks a bzip2 stream into memory of its exact size. Throws when it is damaged. */
    decode(input: Uint8Array, output: Uint8Array): Uint8Array;
  };
  export default bzip2;
}
