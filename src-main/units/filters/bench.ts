import { PacketWriter } from "#shared/events/packet-writer.ts";
import { packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { defaultsOf } from "#shared/units/params.ts";
import { filters } from "./index.ts";

/** One filter's figure: the fastest of several passes over the same packets, with default parameters. */
export interface FilterFigure {
  readonly id: string;
  readonly events: number;
  readonly kept: number;
  readonly eventsPerSecond: number;
}

const sensor: Sensor = { width: 1280, height: 720 };
const PACKET_EVENTS = 1 << 15;

/** Edges that wander over the sensor, one event in ten noise. The same every time. */
function packets(events: number): EventPacket[] {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
  let t = 0;
  return Array.from({ length: Math.ceil(events / PACKET_EVENTS) }, () => {
    const words = new Uint32Array(2 * PACKET_EVENTS);
    const t0 = t;
    for (let i = 0; i < words.length; i += 2) {
      if (random(8) === 0) t += 1;
      const noise = random(10) === 0;
      const y = random(sensor.height);
      const x = noise ? random(sensor.width) : (Math.floor(t / 500) + Math.floor(y / 3) + random(3)) % sensor.width;
      words[i] = t - t0;
      words[i + 1] = packXyp(x, y, random(2));
    }
    return { t0, words };
  });
}

/** How fast each filter is on this machine. */
export function benchFilters(options: { readonly events?: number; readonly passes?: number } = {}): readonly FilterFigure[] {
  const { events = 1 << 20, passes = 10 } = options;
  const input = packets(events);
  const count = input.length * PACKET_EVENTS;
  return filters.map((filter) => {
    const out = new PacketWriter(PACKET_EVENTS);
    let best = Infinity;
    let kept = 0;
    for (let pass = 0; pass < passes; pass += 1) {
      const stage = filter.create(defaultsOf(filter.params), sensor);
      kept = 0;
      const began = performance.now();
      for (const packet of input) {
        stage(packet, out);
        kept += out.take().words.length >>> 1;
      }
      best = Math.min(best, performance.now() - began);
    }
    return { id: filter.id, events: count, kept, eventsPerSecond: (count / best) * 1000 };
  });
}
