/** Records that have to fit, and the share of steps in which the time has to rise: a blank part of any file would pass. */
const MIN_RECORDS = 64;
const SURE = 0.999;
const MIN_RISING = 0.1;

/** Whether these bytes can be records of an address and a big-endian time that does not fall, without a header. */
export function looksLikeRecords(head: Uint8Array, addressBytes: 2 | 4): boolean {
  const record = addressBytes + 4;
  const records = Math.floor(head.length / record);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  let good = 0;
  let rising = 0;
  let last = -1;
  for (let i = 0; i < records; i += 1) {
    const t = view.getUint32(record * i + addressBytes);
    const isPixel = addressBytes === 4 || view.getUint16(record * i) < 0x8000;
    if (isPixel && (last < 0 || (t >= last && t - last < 60e6))) good += 1;
    if (t > last) rising += 1;
    last = t;
  }
  return records >= MIN_RECORDS && good >= SURE * records && rising >= MIN_RISING * records;
}
