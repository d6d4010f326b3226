import { describe, expect, it } from "vitest";
import { EmulatedCamera } from "../testing/emulated-camera.ts";
import type { DeviceModel } from "../testing/device-model.ts";
import { bytesOf, hasTranscripts, loadTranscript } from "../testing/transcript.ts";
import { treuzellModel } from "../testing/treuzell-model.ts";
import { firstWord, property, Treuzell } from "./treuzell.ts";

const transcript = () => loadTranscript("prophesee-evk4-imx636");

async function speak(model: DeviceModel = treuzellModel(transcript())) {
  const camera = new EmulatedCamera({ transcript: transcript(), model });
  const transport = await camera.device.open();
  await transport.claim(0);
  return { camera, treuzell: new Treuzell(transport) };
}

/** A board whose answers a test changes. */
function answering(change: (answer: Uint8Array | undefined, count: number) => Uint8Array | undefined): DeviceModel {
  const inner = treuzellModel(transcript());
  let count = 0;
  return { ...inner, bulkIn: () => change(inner.bulkIn(0x82), ++count) };
}

describe.skipIf(!hasTranscripts)("the command protocol (the dialogues are not at hand: skipped)", () => {
  it("never asks a second question before the answer to the first", async () => {
    const { camera, treuzell } = await speak();
    const values = await Promise.all([
      treuzell.read(0x14),
      treuzell.write(0x1004, 7),
      treuzell.read(0x1004),
      treuzell.ask(property.serial),
    ]);
    expect(values[0]).toBe(0xa040_1806);
    expect(values[2]).toBe(7);
    expect(firstWord(values[3])).toBe(0xabcdef);
    expect(camera.violations).toEqual([]);
  });

  it("passes over an answer to a question that was given up on", async () => {
    const stale = bytesOf("7200000004000000efcdab00");
    const pending: Uint8Array[] = [stale];
    const inner = treuzellModel(transcript());
    const { treuzell } = await speak({ ...inner, bulkIn: () => pending.shift() ?? inner.bulkIn(0x82) });
    expect(await treuzell.read(0x14)).toBe(0xa040_1806);
  });

  it.each([
    [
      "a refusal",
      (): Uint8Array => bytesOf("020101801000000000000000140000000500000000000000"),
      /refused reading register 0x0014 \(error 5\)/,
    ],
    ["silence", (): undefined => undefined, /did not answer while waiting for an answer/],
    ["answers to something else", (): Uint8Array => bytesOf("7200000004000000efcdab00"), /answers questions that were not asked/],
  ])("says so of %s", async (_name, change, message) => {
    const { treuzell } = await speak(answering(change));
    await expect(treuzell.read(0x14)).rejects.toMatchObject({ code: "io", message: expect.stringMatching(message) as string });
  });

  it("goes on after a failure", async () => {
    const { treuzell } = await speak(answering((answer, count) => (count === 1 ? undefined : answer)));
    await expect(treuzell.read(0x14)).rejects.toMatchObject({ code: "io" });
    expect(await treuzell.read(0x14)).toBe(0xa040_1806);
  });

  it("tells an unknown question from a refused one, and speaks to old boards in 12-byte frames", async () => {
    const { camera, treuzell } = await speak(treuzellModel(transcript(), { legacy: true }));
    expect(await treuzell.ask(0x4711)).toBeUndefined();
    await treuzell.write(0x1004, 9);
    expect(treuzell.legacy).toBe(true);
    expect(camera.model.register("0x1004")).toBe(9);
    expect(await treuzell.read(0x1004)).toBe(9);
  });
});
