import type { Transport } from "../transport/transport.ts";

/** What these boards need around the steps that a session takes with every camera. */
export interface Around {
  /** Before reads are queued: everything that could still be sending is switched off. */
  readonly beforeReads: () => Promise<void>;
  /** Whether the endpoint is cleared before the first reads; after a halt it always is. */
  readonly clearFirst: boolean;
  /** Before the interface is given back: other reads are ended. */
  readonly beforeRelease: () => Promise<void>;
}

/** The transport of a session, with steps of its own around clearing and releasing. */
export function around(transport: Transport, { beforeReads, clearFirst, beforeRelease }: Around): Transport {
  let started = false;
  return {
    device: transport.device,
    claim: (number) => transport.claim(number),
    release: async (number) => {
      await beforeRelease();
      await transport.release(number);
    },
    setInterface: (number, alternate) => transport.setInterface(number, alternate),
    controlIn: (setup, lengthBytes) => transport.controlIn(setup, lengthBytes),
    controlOut: (setup, data) => transport.controlOut(setup, data),
    bulkOut: (endpoint, data, timeoutMs) => transport.bulkOut(endpoint, data, timeoutMs),
    bulkIn: (endpoint, lengthBytes, timeoutMs) => transport.bulkIn(endpoint, lengthBytes, timeoutMs),
    stream: (endpoint, options) => transport.stream(endpoint, options),
    clearHalt: async (endpoint) => {
      const clears = clearFirst || started;
      started = true;
      await beforeReads();
      if (clears) await transport.clearHalt(endpoint);
    },
    onDetach: (listener) => transport.onDetach(listener),
    close: () => transport.close(),
  };
}
