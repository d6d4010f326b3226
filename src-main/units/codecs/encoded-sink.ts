import type { EventPacket } from "#shared/events/packet.ts";
import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import type { Encoder } from "../encodings/encoding.ts";

/** How often a growing file is handed to the disk, so that a crash loses little (ms). */
const FLUSH_MS = 1000;

/** Events and triggers in the order of their times, so that the clock of the encoding never has to go back. */
async function writeInOrder(file: ByteSink, encoder: Encoder, packet: EventPacket): Promise<void> {
  const put = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length > 0) await file.write(bytes);
  };
  const triggers = encoder.triggers === undefined ? [] : (packet.beside?.triggers ?? []);
  if (encoder.triggers === undefined || triggers.length === 0) {
    await put(encoder.encode(packet));
    return;
  }
  const { t0, words } = packet;
  let at = 0;
  for (const trigger of triggers) {
    let end = at;
    while (end < words.length && t0 + (words[end] ?? 0) <= trigger.t) end += 2;
    if (end > at) await put(encoder.encode({ t0, words: words.subarray(at, end) }));
    await put(encoder.triggers([trigger]));
    at = end;
  }
  if (at < words.length) await put(encoder.encode({ t0, words: words.subarray(at) }));
}

/** Writes packets through an encoder behind whatever the file holds already. */
export function encodedSink(file: ByteSink, encoder: Encoder): EventSink {
  let flushed = Date.now();
  return {
    write: async (packet) => {
      await writeInOrder(file, encoder, packet);
      if (Date.now() - flushed < FLUSH_MS) return;
      flushed = Date.now();
      await file.flush();
    },
    close: async () => {
      const rest = encoder.finish();
      if (rest.length > 0) await file.write(rest);
      await file.close();
    },
  };
}
