import { describe, expect, it } from "vitest";
import { PacketWriter } from "#shared/events/packet-writer.ts";
import type { ParamSpec } from "#shared/units/params.ts";
import { findUnit } from "#shared/units/unit.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { Camera } from "#main/units/drivers/driver.ts";
import type { DeviceModel } from "#main/units/drivers/testing/device-model.ts";
import { actionsOf, orderDifference, type Traffic } from "#main/units/drivers/testing/traffic.ts";
import {
  bytesOf,
  hasTranscripts,
  loadTranscript,
  type Transcript,
  type TranscriptId,
} from "#main/units/drivers/testing/transcript.ts";
import { madeFeed, onceFeed } from "#main/units/drivers/testing/wire-feed.ts";
import { encodings } from "#main/units/encodings/index.ts";
import { rowsOf, type EventRow } from "#main/units/encodings/testing/events.ts";
import { risingRows } from "#main/units/encodings/testing/inivation-words.ts";
import { bench, until, type Create } from "#main/units/drivers/testing/bench.ts";

export interface DialogueCase {
  readonly transcript: TranscriptId;
  /** Parameters with which the driver does what the reference driver did. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly sensor: { readonly width: number; readonly height: number };
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Events in the camera's format, made without the product's code. */
  readonly bytesOfRows: (rows: readonly EventRow[]) => Uint8Array;
  /** Leaves out of a dialogue what is done otherwise on purpose. */
  readonly without?: (action: Traffic) => boolean;
  readonly model?: (transcript: Transcript) => DeviceModel;
}

const PULLS = 100;

/** What comes from a camera, decoded as a stream does it. */
function collector<S extends ParamSpec>(camera: Camera<S>) {
  const decoder = findUnit("encoding", encodings, camera.encoding.id).createDecoder(camera.info.sensor, camera.decoderState);
  const writer = new PacketWriter();
  const rows: EventRow[] = [];
  return {
    rows,
    decoder,
    take: (chunk: Uint8Array): void => {
      for (let rest = chunk; rest.length > 0;) {
        const used = decoder.decode(rest, writer);
        for (const row of rowsOf(writer.take())) rows.push(row);
        rest = rest.subarray(used);
      }
    },
  };
}

/** Where two streams part; comparing them whole would take long to report. */
function firstDifference(got: readonly EventRow[], wanted: readonly EventRow[]): unknown {
  const at = wanted.findIndex((row, i) => String(row) !== String(got[i]));
  return at < 0 && got.length === wanted.length ? undefined : { at, got: got[at], wanted: wanted[at], length: got.length };
}

/** What every driver of an iniVation camera has to pass. */
export function describeDialogue<S extends ParamSpec>(create: Create<S>, cases: readonly DialogueCase[]): void {
  describe.skipIf(!hasTranscripts).each(cases)("against $transcript (the dialogues are not at hand: skipped)", (one) => {
    const transcript = hasTranscripts ? loadTranscript(one.transcript) : undefined!;
    const { without = () => false } = one;
    const withModel = () => (one.model === undefined ? {} : { model: one.model(transcript) });

    it("runs the whole dialogue, from open to streamed events and back to close", async () => {
      const sample = bytesOf(transcript.eventSamples?.[0]?.data ?? "");
      const { camera, open } = bench(create, { transcript, feed: onceFeed(sample), ...withModel() });
      const opened = await open(one.params);
      expect(opened.info.sensor).toEqual(one.sensor);
      expect(opened.encoding.id).toBe(one.encoding);
      expect(opened.codec).toBe("aedat4");
      expect(opened.metadata).toMatchObject(one.metadata);
      const got = collector(opened);
      const ends: unknown[] = [];
      let length = 0;
      opened.start(
        (chunk) => {
          got.take(chunk);
          length += chunk.length;
        },
        (reason) => ends.push(reason),
      );
      await until(() => length >= sample.length, "the sample arrives");
      const decoded = (transcript.eventSamples?.[0]?.decoded ?? []) as readonly {
        type: string;
        t: number;
        x: number;
        y: number;
        on: number;
      }[];
      const wanted = decoded.filter(({ type }) => type === "dvs").map(({ t, x, y, on }): EventRow => [t, x, y, on]);
      expect(got.rows).toEqual(wanted);
      await opened.stop();
      const kept = (actions: readonly Traffic[]) => actions.filter((action) => !without(action));
      expect(orderDifference(kept(actionsOf(transcript)), kept(camera.traffic))).toBeUndefined();
      expect([camera.held(), camera.violations, ends]).toEqual([[], [], []]);
    });

    it("hands on every event at full rate, also when transfers are cut anywhere", async () => {
      const rows = risingRows(seeded(17), 120_000, one.sensor);
      const bytes = one.bytesOfRows(rows);
      const { open, camera } = bench(create, { transcript, feed: onceFeed(bytes), faults: { shortReads: true }, ...withModel() });
      const opened = await open(one.params);
      const got = collector(opened);
      const gaps: boolean[] = [];
      opened.start(
        (chunk, gap = false) => {
          got.take(chunk);
          if (gap) gaps.push(gap);
        },
        () => undefined,
      );
      await until(() => got.rows.length >= rows.length, "every event arrives");
      await opened.stop();
      expect(firstDifference(got.rows, rows)).toBeUndefined();
      expect([camera.lostBytes, camera.held(), gaps, opened.dropped?.(), got.decoder.dropped()]).toEqual([0, [], [], 0, {}]);
    });

    it(`is unplugged at ${PULLS} moments: no hang, nothing held, one clear end`, async () => {
      const feed = () => madeFeed(() => new Uint8Array(512));
      const whole = bench(create, { transcript, feed: feed(), ...withModel() });
      const calm = await whole.open(one.params);
      calm.start(
        () => undefined,
        () => undefined,
      );
      await until(() => whole.camera.model.streaming(), "it streams");
      await calm.stop();
      const random = seeded(23);
      let gone = 0;
      for (let pull = 0; pull < PULLS; pull++) {
        const { camera, driver, params } = bench(create, { transcript, feed: feed(), ...withModel() });
        camera.faults.cancelledOnUnplug = pull % 2 === 1;
        const [device] = await driver.list();
        camera.faults.unplugAtCall = camera.calls + 1 + Math.floor(random() * (whole.camera.calls - camera.calls));
        const ends: unknown[] = [];
        let failure: unknown;
        try {
          const opened = await driver.open(device!.id, params(one.params));
          opened.start(
            () => undefined,
            (reason) => ends.push(reason),
          );
          await until(() => ends.length > 0 || camera.model.streaming(), "it streams or ends");
          await opened.stop();
        } catch (error) {
          failure = error;
        }
        if (failure !== undefined) expect(failure).toMatchObject({ code: "camera-gone" });
        if (ends.length > 0) expect(ends).toMatchObject([{ code: "camera-gone" }]);
        gone += failure !== undefined || ends.length > 0 ? 1 : 0;
        expect(camera.held()).toEqual([]);
        expect(camera.violations).toEqual([]);
      }
      expect(gone).toBeGreaterThan(PULLS / 4);
    });

    it("is unplugged while it streams: says so once, and changes are refused afterwards", async () => {
      const { camera, open, params } = bench(create, { transcript, feed: madeFeed(() => new Uint8Array(4096)), ...withModel() });
      const opened = await open(one.params);
      const ends: unknown[] = [];
      let chunks = 0;
      opened.start(
        () => (chunks += 1),
        (reason) => ends.push(reason),
      );
      await until(() => chunks > 3, "data comes");
      camera.unplug();
      await until(() => ends.length > 0, "the end is told");
      await expect(opened.update(params({ resetClock: true }), params())).rejects.toMatchObject({ code: "camera-gone" });
      await opened.stop();
      expect(ends).toMatchObject([{ code: "camera-gone", message: expect.stringContaining("was unplugged") as string }]);
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });
  });
}
