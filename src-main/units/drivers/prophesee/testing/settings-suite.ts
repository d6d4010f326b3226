import { describe, expect, it } from "vitest";
import type { ParamSpec } from "#shared/units/params.ts";
import type { Driver } from "#main/units/drivers/driver.ts";
import type { Traffic } from "#main/units/drivers/testing/traffic.ts";
import {
  bytesOf,
  hasTranscripts,
  loadTranscript,
  type Transcript,
  type TranscriptId,
} from "#main/units/drivers/testing/transcript.ts";
import type { DriverParts } from "#main/units/drivers/session/open-device.ts";
import { bench, until } from "#main/units/drivers/testing/bench.ts";

/** One change of settings while the camera streams, and what it has to write, `"1014=11A10052"` in hexadecimal. */
export interface SettingCase {
  readonly name: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, unknown>>;
  /** Names of the transcript's controls whose writes it makes, or the writes themselves. */
  readonly writes: readonly string[];
}

const hex = (value: number): string => value.toString(16).toUpperCase();

/** Register writes in traffic, as `address=value`. */
export const writesOf = (traffic: readonly Traffic[]): readonly string[] =>
  traffic.flatMap((action) => {
    if (action.kind !== "bulk" || action.dir !== "out" || !action.data.startsWith("02010140")) return [];
    const view = new DataView(bytesOf(action.data).buffer);
    return [`${hex(view.getUint32(12, true))}=${hex(view.getUint32(16, true))}`];
  });

/** Writes by name of the transcript's controls, or as they are. */
export const expectedWrites = (transcript: Transcript, writes: readonly string[]): readonly string[] =>
  writes.flatMap((name) => {
    if (/^[0-9A-F]+=[0-9A-F]+$/.test(name)) return [name];
    const control = transcript.controls?.[name] as readonly (readonly string[])[] | undefined;
    if (control === undefined) throw new Error(`the transcript has no control "${name}"`);
    return control.flatMap(([kind, address, value]) => (kind === "W" ? [`${hex(Number(address))}=${hex(Number(value))}`] : []));
  });

/** Changes each setting of a streaming camera and compares the register writes with the reference driver's. */
export function describeSettings<S extends ParamSpec>(
  create: (parts: DriverParts) => Driver<S>,
  transcriptId: TranscriptId,
  cases: readonly SettingCase[],
): void {
  describe.skipIf(!hasTranscripts)(`settings of ${transcriptId} (the dialogues are not at hand: skipped)`, () => {
    const transcript = hasTranscripts ? loadTranscript(transcriptId) : undefined!;
    const neutral = { limitRate: false };

    it.each(cases)("$name", async ({ before, set, writes }) => {
      const { camera, open, params } = bench(create, { transcript });
      const opened = await open({ ...neutral, ...before });
      opened.start(
        () => undefined,
        () => undefined,
      );
      await until(() => camera.model.streaming(), "it streams");
      camera.traffic.length = 0;
      await opened.update(params({ ...neutral, ...before, ...set }), params({ ...neutral, ...before }));
      expect(writesOf(camera.traffic)).toEqual(expectedWrites(transcript, writes));
      camera.traffic.length = 0;
      await opened.update(params({ ...neutral, ...before, ...set }), params({ ...neutral, ...before, ...set }));
      expect(writesOf(camera.traffic)).toEqual([]);
      await opened.stop();
    });
  });
}
