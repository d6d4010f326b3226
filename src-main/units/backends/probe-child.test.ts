import { describe, expect, it } from "vitest";
import { probeInChild } from "./probe-child.ts";

describe("probing in a process of its own", () => {
  it("answers what the script reports, whatever else it prints", async () => {
    const script = 'console.log("noise"); report({ ok: true, device: process.argv[1] });';
    expect(await probeInChild(script, ["a device"], "none")).toEqual({ ok: true, device: "a device" });
  });

  it("survives a crash and names it", async () => {
    const script = 'process.kill(process.pid, "SIGSEGV"); await new Promise((done) => setTimeout(done, 5000));';
    expect(await probeInChild(script, [], "Mend it.")).toEqual({ ok: false, reason: "it crashed (SIGSEGV)", remedy: "Mend it." });
  });

  it("passes on the error that a library threw", async () => {
    const result = await probeInChild('throw new Error("libfoo.so.1 is missing");', [], "Install it.");
    expect(result).toEqual({ ok: false, reason: "Error: libfoo.so.1 is missing", remedy: "Install it." });
  });

  it("does not take silence for success", async () => {
    expect(await probeInChild("", [], "Mend it.")).toMatchObject({ ok: false, reason: "it ended without an answer" });
  });
});
