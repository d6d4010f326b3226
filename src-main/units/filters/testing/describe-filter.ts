import { describe, expect, test } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import { lowerBound, packXyp, type EventPacket } from "#shared/events/packet.ts";
import type { Sensor } from "#shared/events/sensor.ts";
import { defaultsOf, parseParams, type ParamSpec, type RawParams } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { Filter, FilterStage } from "../filter.ts";

/** An event as tests write it. */
export type EventRow = readonly [t: number, x: number, y: number, p: number];

const sensor: Sensor = { width: 40, height: 30 };

/** A packet of rows whose times do not lie below `t0`. */
export const packetOf = (rows: readonly EventRow[], t0 = 0): EventPacket => ({
  t0,
  words: Uint32Array.from(rows.flatMap(([t, x, y, p]) => [t - t0, packXyp(x, y, p)])),
});

/** The events of a packet as rows. */
export function rowsOf({ t0, words }: EventPacket): EventRow[] {
  const rows: EventRow[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const packed = words[i + 1]!;
    rows.push([t0 + words[i]!, packed & 0x3fff, (packed >>> 14) & 0x3fff, packed >>> 28]);
  }
  return rows;
}

/** What one packet becomes. */
export function applied(stage: FilterStage, packet: EventPacket): EventRow[] {
  const out = new PacketWriter(4);
  stage(packet, out);
  return rowsOf(out.take());
}

/** Dense, local activity and noise, with several events at one time. */
function randomRows(seed: number, count: number): EventRow[] {
  const random = seeded(seed);
  let t = 1_000_000;
  return Array.from({ length: count }, (_, i) => {
    t += random() < 0.6 ? 0 : Math.floor(random() * 900);
    const near = random() < 0.7;
    const x = near ? (Math.floor(i / 20) + Math.floor(random() * 4)) % sensor.width : Math.floor(random() * sensor.width);
    const y = near ? 10 + Math.floor(random() * 4) : Math.floor(random() * sensor.height);
    return [t, x, y, random() < 0.5 ? 0 : 1];
  });
}

/** Cuts a packet at random places into packets of other base times. */
function pieces(packet: EventPacket, random: () => number, count: number): EventPacket[] {
  const cuts = Array.from({ length: count }, () => 2 * Math.floor((random() * packet.words.length) / 2)).sort((a, b) => a - b);
  return [...cuts, packet.words.length].map((end, i) => {
    const words = packet.words.slice(i === 0 ? 0 : cuts[i - 1], end);
    const shift = Math.floor(random() * 100_000);
    return { t0: packet.t0 - shift, words: words.map((word, at) => (at % 2 === 0 ? word + shift : word)) };
  });
}

/** The properties that every filter has. Call it in the filter's test, once with the defaults and with any values of interest. */
export function describeFilter<S extends ParamSpec>(filter: Filter<S>, ...variants: readonly RawParams[]): void {
  describe.each([{}, ...variants])(`${filter.id} %o`, (raw) => {
    const params = parseParams(filter.params, raw, `filter "${filter.id}"`);
    const create = (): FilterStage => filter.create(params, sensor);
    const rows = randomRows(42, 4000);

    test("gives a part of its input, in order, inside the sensor", () => {
      const output = applied(create(), packetOf(rows));
      let at = 0;
      for (const [t, x, y, p] of output) {
        expect(x < sensor.width && y < sensor.height).toBe(true);
        while (at < rows.length && rows[at]!.join() !== [t, x, y, p].join()) at += 1;
        expect(at).toBeLessThan(rows.length);
        at += 1;
      }
    });

    test("does not touch its input", () => {
      const packet = packetOf(rows);
      const before = packet.words.slice();
      applied(create(), packet);
      expect(packet.words).toEqual(before);
    });

    test("takes an empty packet", () => {
      const stage = create();
      expect(applied(stage, { t0: 5, words: new Uint32Array(0) })).toEqual([]);
      expect(applied(stage, packetOf(rows))).toEqual(applied(create(), packetOf(rows)));
    });

    test("gives the same events however its input is split", () => {
      const random = seeded(7);
      const packet = packetOf(rows);
      const whole = applied(create(), packet);
      for (let round = 0; round < 10; round += 1) {
        const stage = create();
        expect(pieces(packet, random, 1 + 3 * round).flatMap((piece) => applied(stage, piece))).toEqual(whole);
      }
    });

    test("adds to a packet that is being written", () => {
      const stage = create();
      const out = new PacketWriter(4);
      const packet = packetOf(rows);
      const middle = 2 * lowerBound(packet, rows[2000]![0]);
      stage({ t0: 0, words: packet.words.slice(0, middle) }, out);
      const rest = { t0: 1000, words: packet.words.slice(middle).map((word, at) => (at % 2 === 0 ? word - 1000 : word)) };
      stage(rest, out);
      expect(rowsOf(out.take())).toEqual(applied(create(), packet));
    });

    test("starts anew each time it is made", () => {
      applied(create(), packetOf(rows));
      expect(applied(create(), packetOf(rows))).toEqual(applied(create(), packetOf(rows)));
    });
  });

  test(`${filter.id} describes itself`, () => {
    expect(filter.id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(filter.label).toMatch(/^[A-Z]/);
    expect(filter.summary.length).toBeGreaterThan(20);
    expect(() => defaultsOf(filter.params)).not.toThrow();
  });
}
