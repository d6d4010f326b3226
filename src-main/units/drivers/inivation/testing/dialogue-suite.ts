import { describe, expect, it } from "vitest";
import type { ParamSpec } from "#shared/units/params.ts";
import { seeded } from "#main/lib/testing/random.ts";
import type { DeviceModel } from "#main/units/drivers/testing/device-model.ts";
import { actionsOf, orderDifference, type Traffic } from "#main/units/drivers/testing/traffic.ts";
import {
  bytesOf,
  hasTranscripts,
  loadTranscript,
  type Transcript,
  type TranscriptId,
} from "#main/units/drivers/testing/transcript.ts";
import { onceFeed } from "#main/units/drivers/testing/wire-feed.ts";
import type { EventRow } from "#main/units/encodings/testing/events.ts";
import { risingRows } from "#main/units/encodings/testing/inivation-words.ts";
import { bench, until, type Create } from "#main/units/drivers/testing/bench.ts";
import { collector, firstDifference } from "#main/units/drivers/testing/collector.ts";
import { itsUnplugging } from "#main/units/drivers/testing/unplug-suite.ts";

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

    itsUnplugging(create, { transcript, change: { resetClock: true }, params: one.params, model: () => one.model?.(transcript) });
  });
}
