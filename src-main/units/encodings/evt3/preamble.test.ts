import { describe, expect, it } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { seeded } from "#main/lib/testing/random.ts";
import { decodeAll, randomEvents, packetOf } from "../testing/events.ts";
import { evt3 } from "./evt3.ts";

const sensor = { width: 640, height: 480 };

describe("preamble of EVT 3.0", () => {
  it("lets a fresh decoder begin anywhere without losing an event", () => {
    const random = seeded(5);
    const bytes = evt3
      .createEncoder(sensor)
      .encode(packetOf(randomEvents(random, 2000, sensor)))
      .slice();
    for (let i = 0; i < 60; i++) {
      const cut = 2 * Math.floor((random() * bytes.length) / 2);
      const before = evt3.createDecoder(sensor);
      before.decode(bytes.subarray(0, cut), new PacketWriter());
      const turned = (before.state()["wraps"] ?? 0) * 2 ** 24;
      const rest = decodeAll(evt3.createDecoder(sensor, before.state()), bytes.subarray(cut)).map(
        ([t, x, y, p]) => [t - turned, x, y, p] as const,
      );
      const preamble = evt3.preamble(before.state());
      const joined = new Uint8Array(preamble.length + bytes.length - cut);
      joined.set(preamble);
      joined.set(bytes.subarray(cut), preamble.length);
      const fresh = evt3.createDecoder(sensor);
      expect(decodeAll(fresh, joined)).toEqual(rest);
      expect(fresh.dropped()).toEqual({});
    }
  });

  it("is empty before the first time, and keeps rows beyond the sensor outside", () => {
    expect(evt3.preamble(evt3.createDecoder(sensor).state())).toHaveLength(0);
    const decoder = evt3.createDecoder(sensor);
    decoder.decode(new Uint8Array(Uint16Array.from([0x8001, 600, 0x2003]).buffer), new PacketWriter());
    const fresh = evt3.createDecoder(sensor);
    decodeAll(fresh, evt3.preamble(decoder.state()));
    expect(decodeAll(fresh, new Uint8Array(Uint16Array.from([0x2003]).buffer))).toEqual([]);
  });
});
