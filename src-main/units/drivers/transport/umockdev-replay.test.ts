import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { rootDir } from "#main/lib/paths.ts";
import { sharedTranscripts } from "#main/lib/testing/shared-cameras.ts";
import { hasTranscripts, loadTranscript, transcriptIds } from "../testing/transcript.ts";
import { busNumber, deviceNumber, mockDevice, sysPath } from "./testing/mock-device.ts";
import { hasUmockdev, testFolder } from "./testing/mocked-system.ts";
import { transcriptCapture } from "./testing/transcript-capture.ts";

const run = promisify(execFile);

describe.skipIf(!hasUmockdev || !hasTranscripts)(
  "recorded dialogues through the real USB library (umockdev or the dialogues are not at hand: skipped)",
  () => {
    it.each(transcriptIds)("%s: every transfer, and every answer", async (id) => {
      const transcript = loadTranscript(id);
      const folder = await testFolder();
      try {
        const device = join(folder.path, "replay.umockdev");
        const capture = join(folder.path, "replay.pcap");
        await writeFile(device, mockDevice(transcript));
        await writeFile(capture, transcriptCapture(transcript, busNumber, deviceNumber));
        const player = resolve(rootDir, "src-main/units/drivers/transport/testing/transcript-player.ts");
        const dialogue = join(sharedTranscripts() ?? "", `${id}.json`);
        const mocked = ["-d", device, "-p", `/sys${sysPath}=${capture}`, "--", process.execPath, player, dialogue];
        const { stdout } = await run("umockdev-run", mocked, { timeout: 100_000, cwd: rootDir });
        const left = transcript.steps.filter(({ kind }) => kind === "delay" || kind === "drain" || kind === "setInterface");
        expect(JSON.parse(stdout)).toEqual({ played: transcript.steps.length - left.length, wrong: [] });
      } finally {
        await folder.remove();
      }
    });
  },
);
