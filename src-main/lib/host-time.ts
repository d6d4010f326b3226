/** The machine's clock that never jumps and is the same in every process, µs. */
export const hostTimeUs = (): number => Number(process.hrtime.bigint() / 1000n);
