import type { EventSink } from "#shared/events/source.ts";
import type { ByteSink } from "#main/lib/files.ts";
import type { Encoder } from "../encodings/encoding.ts";

/** How often a growing file is handed to the disk, so that a crash loses little (ms). */
const FLUSH_MS = 1000;

/** Writes packets through an encoder behind whatever the file holds already. */
export function encodedSink(file: ByteSink, encoder: Encoder): EventSink {
  let flushed = Date.now();
  return {
    write: async (packet) => {
      const bytes = encoder.encode(packet);
      if (bytes.length > 0) await file.write(bytes);
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
