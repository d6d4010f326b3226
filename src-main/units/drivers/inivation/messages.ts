import { toAppError } from "#shared/api/errors.ts";
import { log } from "#main/lib/log.ts";
import type { Transport } from "../transport/transport.ts";

/** Where boards send messages, and boards with a CX3 inertial readings. */
export const MESSAGES_IN = 0x81;
const MESSAGE_BYTES = 64;
const READ_TIMEOUT_MS = 100;
/** Shortest time between two questions where the board answers as fast as it is asked. */
const ASK_EVERY_MS = 1;
const READING = 1;
const TEXT_AT = 6;

/** A running read of an endpoint beside that of the events. */
export interface Side {
  /** Done when nothing is under way any more; may be called again. */
  stop(): Promise<void>;
}

const handle = (label: string, packet: Uint8Array, onReading?: (packet: Uint8Array) => void): void => {
  if (packet[0] === READING) onReading?.(packet);
  else if (packet[0] === 0 && packet.length > TEXT_AT) {
    const text = new TextDecoder("latin1").decode(packet.subarray(TEXT_AT)).replace(/[^\x20-\x7e]/g, "");
    if (text !== "") log("warning", "camera", `${label}: ${text} (code ${packet[1]})`);
  }
};

/** Keeps reads waiting for messages. That they end is no news: the camera is gone, and its events end too. */
export function waitForMessages(transport: Transport, transfers: number, onReading?: (packet: Uint8Array) => void): Side {
  const stream = transport.stream(MESSAGES_IN, {
    transfers,
    transferBytes: MESSAGE_BYTES,
    onData: (packet) => handle(transport.device.label, packet, onReading),
    onEnd: () => undefined,
  });
  return { stop: () => stream.stop() };
}

/** Asks for messages again and again, at the pace of the readings. */
export function askForMessages(transport: Transport, onReading: (packet: Uint8Array) => void): Side {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let asking: Promise<void> = Promise.resolve();
  const ask = async (): Promise<void> => {
    try {
      const packet = await transport.bulkIn(MESSAGES_IN, MESSAGE_BYTES, READ_TIMEOUT_MS);
      if (stopped) return;
      if (packet.length > 0) handle(transport.device.label, packet, onReading);
      next();
    } catch (error) {
      // An unplugged camera is told by the end of its events; without readings the events still count.
      const failure = toAppError(error);
      if (!stopped && failure.code !== "camera-gone") log("warning", "camera", `No more inertial readings: ${failure.message}`);
      stopped = true;
    }
  };
  const next = (): void => {
    timer = setTimeout(() => {
      asking = ask();
    }, ASK_EVERY_MS);
  };
  next();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await asking;
    },
  };
}
