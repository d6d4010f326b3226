import { createHash } from "node:crypto";
import type { EventPacket } from "#shared/events/packet.ts";

/** Says of two streams of events whether they are the same, however they are cut into packets. */
export interface EventDigest {
  readonly events: number;
  add(packet: EventPacket): void;
  digest(): string;
}

export function eventDigest(): EventDigest {
  const hash = createHash("sha256");
  let events = 0;
  return {
    get events() {
      return events;
    },
    add: ({ t0, words }) => {
      // Time and place of each event as numbers, without the packet they lay in.
      const numbers = new Float64Array(words.length);
      for (let i = 0; i < words.length; i += 2) {
        numbers[i] = t0 + (words[i] ?? 0);
        numbers[i + 1] = words[i + 1] ?? 0;
      }
      events += words.length / 2;
      hash.update(numbers);
    },
    digest: () => hash.copy().digest("hex"),
  };
}
