import type { Duplex } from "node:stream";
import { decodeFrame, encodeFrame, MAX_FRAME_BYTES } from "#shared/channel/frames.ts";
import { PortEnds, type Port } from "#shared/channel/port.ts";

/**
 * A pipe or local socket as a carrier: each message is a u32 LE length and then the frame of the WebSocket carrier.
 * The same bytes whichever two runtimes talk; structured serialisation differs between Electron and Node.
 */
export function fromStream(stream: Duplex): Port {
  const ends = new PortEnds();
  let chunks: Buffer[] = [];
  let have = 0;

  const takeFrames = (): void => {
    while (have >= 4) {
      let all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      const length = all.readUInt32LE(0);
      if (length > MAX_FRAME_BYTES) {
        ends.end(`a message of ${length} bytes is beyond the limit`);
        stream.destroy();
        return;
      }
      chunks = [all];
      if (have < 4 + length) return;
      let message: unknown;
      try {
        message = decodeFrame(new Uint8Array(all.subarray(4, 4 + length)));
      } catch (error) {
        ends.end(error instanceof Error ? error.message : String(error));
        stream.destroy();
        return;
      }
      all = all.subarray(4 + length);
      chunks = all.length > 0 ? [all] : [];
      have = all.length;
      ends.receive(message);
    }
  };

  let neededBytes = 4;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    have += chunk.length;
    if (have < neededBytes) return; // joining the parts of a large message once, not at every chunk
    takeFrames();
    const first = chunks[0];
    neededBytes = first !== undefined && first.length >= 4 ? 4 + first.readUInt32LE(0) : 4;
  });
  stream.on("end", () => ends.end("closed by the other side"));
  stream.on("close", () => ends.end("closed"));
  stream.on("error", (error) => ends.end(error.message));
  return {
    post: (message) => {
      if (ends.closed) return;
      const frame = encodeFrame(message);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(frame.length);
      stream.cork();
      stream.write(length);
      stream.write(frame);
      stream.uncork();
    },
    onMessage: (handler) => ends.onMessage(handler),
    onClose: (handler) => ends.onClose(handler),
    close: () => {
      stream.end();
      ends.end("closed");
    },
  };
}
