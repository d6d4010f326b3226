/**
 * The loops that see every event. Pointers are byte offsets into `memory`; state slots and regions are named in
 * `layout.ts`. A call works on at most BLOCK_WORDS words or records and leaves its counts in the state struct.
 */
export interface EventKernels {
  readonly memory: ArrayBuffer;
  /** Whether this is the compiled module or the plain twin. */
  readonly compiled: boolean;
  /** EVT 3.0: `count` 16-bit words at `input`; events and triggers go to `output` and `triggers`. Answers words used. */
  evt3Decode(input: number, count: number, output: number, triggers: number, state: number): number;
  /** ATIS: `count` 5-byte records at `input`. Answers records used. */
  atisDecode(input: number, count: number, output: number, state: number): number;
  /** EVT 2.0: `count` 32-bit words. Arguments and answer as for EVT 3.0. */
  evt2Decode(input: number, count: number, output: number, triggers: number, state: number): number;
  /** EVT 2.1: `count` 64-bit words, at most EVT21_BLOCK, whose types lie in the half at byte `high` (0 or 4). */
  evt21Decode(input: number, count: number, output: number, triggers: number, state: number, high: number): number;
  /** EVT 4.0: `count` 32-bit words, at most EVT4_BLOCK. */
  evt4Decode(input: number, count: number, output: number, triggers: number, state: number): number;
  /** Prophesee DAT: `count` records of 8 bytes, addresses as in version 1 or 2. Answers records used. */
  datDecode(input: number, count: number, output: number, state: number, version: number): number;
  /** AEDAT 4: `count` event structs of 16 bytes, at most AEDAT4_BLOCK. Answers structs used. */
  aedat4Decode(input: number, count: number, output: number, state: number): number;
}
