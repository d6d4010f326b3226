import { READING_MARK, READING_WORDS } from "#main/units/encodings/dvxplorer-mini-usb/reading-mark.ts";

const WORD_BYTES = 4;
const READING_BYTES = WORD_BYTES * READING_WORDS;
const ENTRY_BYTES = WORD_BYTES + READING_BYTES;
/** So many readings wait for the next transfer of events; in silence they go on their own. */
const MOST_WAITING = 16;

type OnBytes = (bytes: Uint8Array, gap: boolean) => void;

/** Puts inertial readings, which come through another endpoint, between the words of the events. */
export interface ReadingWeaver {
  add(packet: Uint8Array): void;
  weave(onBytes: OnBytes): OnBytes;
}

export function createReadingWeaver(): ReadingWeaver {
  const waiting = new Uint8Array(ENTRY_BYTES * MOST_WAITING);
  const view = new DataView(waiting.buffer);
  const last = new Uint8Array(READING_BYTES);
  let count = 0;
  /** Bytes of a word that is not complete yet: nothing may come between. */
  let part = 0;
  /** Before the first events there is no time that a reading could have. */
  let begun = false;
  let target: OnBytes | undefined;

  const send = (): void => {
    if (count === 0 || part !== 0 || target === undefined) return;
    const bytes = waiting.subarray(0, ENTRY_BYTES * count);
    count = 0;
    target(bytes, false);
  };
  return {
    add: (packet) => {
      if (!begun) return;
      const reading = packet.subarray(0, READING_BYTES);
      // The endpoint answers as often as it is asked: the same reading again is none.
      if (reading.length < READING_BYTES || reading.every((byte, i) => byte === last[i])) return;
      last.set(reading);
      if (count === MOST_WAITING) send();
      if (count === MOST_WAITING) return;
      view.setUint32(ENTRY_BYTES * count, READING_MARK, true);
      waiting.set(reading, ENTRY_BYTES * count + WORD_BYTES);
      count += 1;
    },
    weave: (onBytes) => {
      target = onBytes;
      return (bytes, gap) => {
        if (gap) part = 0;
        else send();
        part = (part + bytes.length) % WORD_BYTES;
        begun = true;
        onBytes(bytes, gap);
      };
    },
  };
}
