/** Small whole files that mutations of the fuzz suite start from: generated, one or more for each way a format can be laid out. */
export interface SeedFile {
  /** Id of the codec that reads it. */
  readonly codec: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}
