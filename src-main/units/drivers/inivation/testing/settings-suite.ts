import { describe, expect, it } from "vitest";
import type { ParamSpec } from "#shared/units/params.ts";
import type { Traffic } from "#main/units/drivers/testing/traffic.ts";
import { bytesOf, hasTranscripts, loadTranscript, type TranscriptId } from "#main/units/drivers/testing/transcript.ts";
import { bench, until, type Create } from "#main/units/drivers/testing/bench.ts";

/** One change of settings while the camera streams, and what it has to write: `"1.41=10"`, chip registers as `"5.3301=5"` in hexadecimal. */
export interface SettingCase {
  readonly name: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, unknown>>;
  readonly writes: readonly string[];
  /** A control of the transcript: what both write is the same. */
  readonly control?: string;
}

const CHIP = 5;

function nameOf(module: number, parameter: number, value: number): string {
  const chip = module === CHIP && parameter > 0xff;
  return chip
    ? `5.${parameter.toString(16).toUpperCase()}=${value.toString(16).toUpperCase()}`
    : `${module}.${parameter}=${value}`;
}

const wordOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

/** Values written, as `module.parameter=value`; other requests as `request BE 1 ...`. */
export const writesOf = (traffic: readonly Traffic[]): readonly string[] =>
  traffic.flatMap((action) => {
    if (action.kind !== "control" || action.dir !== "out") return [];
    const setup = bytesOf(action.setup);
    const data = bytesOf(action.data);
    const view = new DataView(setup.buffer);
    if (setup[1] === 0xbf) return [nameOf(view.getUint16(2, true), view.getUint16(4, true), wordOf(data))];
    if (setup[1] !== 0xc2) return [`request ${setup[1]!.toString(16)} ${view.getUint16(2, true)} ${action.data}`.trim()];
    const records = Array.from({ length: data.length / 6 }, (_, i) => data.subarray(6 * i, 6 * i + 6));
    return [`together ${records.map((record) => nameOf(record[0]!, record[1]!, wordOf(record.subarray(2)))).join(" ")}`];
  });

/** Changes each setting of a streaming camera and compares what is written with the specification. */
export function describeSettings<S extends ParamSpec>(
  create: Create<S>,
  transcriptId: TranscriptId,
  cases: readonly SettingCase[],
): void {
  describe.skipIf(!hasTranscripts)(`settings of ${transcriptId} (the dialogues are not at hand: skipped)`, () => {
    const transcript = hasTranscripts ? loadTranscript(transcriptId) : undefined!;

    it.each(cases)("$name", async ({ before, set, writes, control }) => {
      const { camera, open, params } = bench(create, { transcript });
      const opened = await open(before);
      opened.start(
        () => undefined,
        () => undefined,
      );
      await until(() => camera.model.streaming(), "it streams");
      // What is under way at the start comes before the changes.
      await opened.update(params(before), params(before));
      camera.traffic.length = 0;
      await opened.update(params({ ...before, ...set }), params(before));
      expect(writesOf(camera.traffic)).toEqual(writes);
      if (control !== undefined) {
        const steps = transcript.controls?.[control] as readonly { readonly setup: string; readonly data?: string }[] | undefined;
        expect(steps, `the transcript has no control "${control}"`).toBeDefined();
        const sent = steps!.filter(({ data }) => data !== undefined);
        const wanted = sent.map(({ setup, data = "" }): Traffic => ({ kind: "control", dir: "out", setup, data }));
        const place = (name: string): string => name.split("=")[0]!;
        const same = writesOf(wanted).filter((name) => writes.some((own) => place(own) === place(name)));
        expect(same.length, "the control writes something else").toBeGreaterThan(0);
        for (const name of same) expect(writes).toContain(name);
      }
      camera.traffic.length = 0;
      await opened.update(params({ ...before, ...set }), params({ ...before, ...set }));
      expect(writesOf(camera.traffic)).toEqual([]);
      await opened.stop();
      expect([camera.held(), camera.violations]).toEqual([[], []]);
    });

    it("refuses to change what holds for the life of an open camera", async () => {
      const { open, params } = bench(create, { transcript });
      const opened = await open();
      if ("allowSlowPort" in params()) {
        await expect(opened.update(params({ allowSlowPort: true }), params())).rejects.toMatchObject({ code: "unsupported" });
      }
      await opened.stop();
    });
  });
}
