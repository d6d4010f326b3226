/*
 * Where things lie in the memory that the event kernels work on, and in their state struct. Both compilers read
 * this file: TypeScript for the twins and the callers, AssemblyScript for the module. Hence only plain numbers.
 */

/** Bytes of linear memory: 17 pages of 64 KiB. */
export const MEMORY_PAGES = 17;
/** Input words or records of one call at most, so that even the densest input fits into the output. */
export const BLOCK_WORDS = 8192;
/** Where the state struct, the input, the triggers and the events lie (bytes). */
export const STATE_AT = 0;
export const INPUT_AT = 1024;
export const TRIGGERS_AT = 66560;
export const OUTPUT_AT = 132096;

/** State slots of all decoders, 32 bits each. */
export const STATE_SLOTS = 16;
/** Events and triggers that the last call has written. */
export const EVENTS = 0;
export const TRIGGERS = 1;
/** Base time of the packet being written, modulo 2^32. */
export const BASE = 2;
export const WIDTH = 3;
export const HEIGHT = 4;
/** Events left out: without a time, without a row, beyond the sensor. */
export const DROPPED_TIMELESS = 5;
export const DROPPED_ROWLESS = 6;
export const DROPPED_OUTSIDE = 7;
/** Why the last call stopped: one of the STOP_ values. */
export const STOP = 8;

/** EVT3: time high (-1 before the first), time low, wraps of the 24-bit counter, row (ROW_ values or y), vector base and polarity. */
export const EVT3_HIGH = 9;
export const EVT3_LOW = 10;
export const EVT3_WRAPS = 11;
export const EVT3_ROW = 12;
export const EVT3_VECTOR_X = 13;
export const EVT3_VECTOR_P = 14;
/** EVT3: words of types that mean nothing (padding) so far. */
export const EVT3_RESERVED = 15;
export const ROW_UNKNOWN = -1;
export const ROW_OUTSIDE = -2;

/** ATIS: overflow records so far, time of the last event less OVERFLOW_US for each of them. */
export const ATIS_OVERFLOWS = 9;
export const ATIS_TIME = 10;
export const ATIS_TIMELESS = -0x40000000;

/**
 * EVT2, EVT2.1, EVT4: time high (-1 before the first), turns of the 34-bit clock, the time high less the packet's base, words of
 * types that mean nothing so far, and the place of the first of them in the call that met it.
 */
export const EVT2_HIGH = 9;
export const EVT2_TURNS = 10;
export const EVT2_OFFSET = 11;
export const EVT2_RESERVED = 12;
export const EVT2_FIRST_RESERVED = 13;
/** EVT4: the vector word whose mask has not come yet, or 0. */
export const EVT4_VECTOR = 14;
/** Steps of 64 us in a turn of the clock: a fall by more than half of them is a turn, a rise by more than that a step back over one. */
export const EVT2_TURN = 0x10000000;
/** Steps that a packet cannot span (2^31 us), and falls that it tolerates (FALL_US). */
export const EVT2_FAR = 0x2000000;
export const EVT2_FALL = 1024;
/** EVT2.1 words of up to 32 events, and EVT4 words of up to 16, of one call at most. */
export const EVT21_BLOCK = 2048;
export const EVT4_BLOCK = 4096;

/** AEDAT4: upper half of the packet's base; time of the last record less the base. Records of one call at most. */
export const AEDAT4_BASE_HIGH = 9;
export const AEDAT4_LAST = 10;
export const AEDAT4_BLOCK = 4096;
/** Upper halves of times from here on (2^53 us, or below zero) are no times. */
export const AEDAT4_IMPOSSIBLE = 0x200000;

/** DAT: time of the last record less the packet's base. */
export const DAT_LAST = 9;

/** The input is used up. */
export const STOP_END = 0;
/** The time does not fit the packet's base any more, or has just become known: take the packet, set a new base, go on. */
export const STOP_BASE = 1;
/** The time fell by more than a packet tolerates: as STOP_BASE, and the caller hears of it. */
export const STOP_FALL = 2;

/** Longest offset from the base (µs): half of what 32 bits hold, so that a time below the base shows as a larger one. */
export const MAX_OFFSET = 0x7fffffff;
/** Falls of up to 16 * 4096 = 65 536 µs stay inside a packet (SLACK_US of the packet writer). */
export const FALL_HIGH = 16;
export const FALL_US = 65536;
/** Time that an ATIS overflow record stands for (µs). */
export const OVERFLOW_US = 8192;
