import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { AppError } from "#shared/api/errors.ts";
import { rootDir } from "#main/lib/paths.ts";
import { parseCommandLine } from "./arguments.ts";
import { command, PartialFailure, UsageError, type Command } from "./command.ts";
import { eventLines, eventRecords } from "./event-text.ts";
import { commandHelp, overviewHelp } from "./help.ts";
import { cliReference } from "./reference.ts";
import { run } from "./run.ts";
import { formatBytes, formatSpan, parsePair, parseRange, parseTime, parseUnit, setPath } from "./values.ts";
import { roiFilter } from "./commands/convert.ts";
import { table } from "./commands/table.ts";

const seen: unknown[] = [];
const fit = command({
  path: ["fit"],
  summary: "Fits.",
  positionals: [{ name: "FILE", summary: "A file", many: true }],
  options: {
    port: { param: { type: "integer", default: 7, min: 0, max: 9, label: "Port" } },
    kind: { param: { type: "choice", default: "a", options: ["a", "b"], label: "Kind" } },
    name: { param: { type: "text", default: "", label: "Name" }, value: "NAME", optional: true },
    set: { param: { type: "text", default: "", label: "Set" }, value: "X=Y", many: true },
    fast: { param: { type: "boolean", default: false, label: "Fast" } },
  },
  output: "{x}",
  run: async ({ out }, args, given) => {
    seen.push(args, given);
    await out.data({ x: 1 });
    await out.text("one");
    if (args[0] === "broken") throw new AppError("damaged", "broken is broken", { hint: "Mend it." });
    if (args[0] === "partly") throw new PartialFailure();
    if (args[0] === "wrong") throw new UsageError("that is wrong");
    if (args[0] === "fault") throw new TypeError("x is undefined");
  },
});
const sub = (verb: string): Command => ({
  ...fit,
  path: ["group", verb],
  positionals: [],
  options: {},
  run: () => Promise.resolve(),
});
const commands = [fit, sub("add"), sub("list")];

function sink(): Writable & { text: string } {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      result.text += chunk.toString();
      done();
    },
  });
  const result = Object.assign(stream, { text: "" });
  return result;
}

async function call(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [sink(), sink()];
  const code = await run(argv, commands, { stdout, stderr }, new AbortController().signal);
  return { code, out: stdout.text, err: stderr.text };
}

describe("arguments", () => {
  it("fills defaults, converts, collects, and keeps what was not given apart", () => {
    const { given, args } = parseCommandLine(["fit", "f", "--port=3", "--set", "a=1", "--set", "b=2", "g", "--fast"], commands);
    expect(args).toEqual(["f", "g"]);
    expect(given).toMatchObject({ port: 3, kind: "a", name: undefined, set: ["a=1", "b=2"], fast: true });
  });

  it.each([
    [["--json", "fit", "f"], { json: true }],
    [["fit", "f", "--json"], { json: true }],
    [["--workspace", "fit", "fit", "f"], { workspace: "fit", json: false }],
    [["--workspace=w", "group", "--json", "add"], { workspace: "w", json: true }],
  ])("takes global options anywhere: %j", (argv, expected) => {
    const { global, command: found } = parseCommandLine(argv, commands);
    expect(global).toMatchObject(expected);
    expect(found).toBeDefined();
  });

  it.each([
    [["fit"], "FILE is missing"],
    [["fit", "f", "--port", "x"], '--port is "x", expected a whole number from 0 to 9'],
    [["fit", "f", "--port", "10"], '--port is "10", expected a whole number from 0 to 9'],
    [["fit", "f", "--kind", "c"], '--kind is "c", expected one of a, b'],
    [["fit", "f", "--nope"], "Unknown option '--nope'"],
    [["group", "add", "x"], '"x" is one argument too many'],
  ])("refuses %j", (argv, message) => {
    expect(() => parseCommandLine(argv, commands)).toThrow(message);
  });
});

describe("exit codes and output", () => {
  it("0: prints for people, or for programs and nothing else", async () => {
    expect(await call("fit", "f")).toEqual({ code: 0, out: "one\n", err: "" });
    expect(await call("fit", "f", "--json")).toEqual({ code: 0, out: '{"x":1}\n', err: "" });
  });

  it("1: says what, why and what to do; with --json as the last line", async () => {
    const { code, out, err } = await call("fit", "broken", "--json");
    expect(code).toBe(1);
    expect(err).toBe("saccade: broken is broken\nMend it.\n");
    expect(JSON.parse(out.trim().split("\n").at(-1) ?? "")).toEqual({
      error: { code: "damaged", message: "broken is broken", hint: "Mend it." },
    });
    expect(await call("fit", "partly")).toMatchObject({ code: 1, err: "" });
    expect(await call("fit", "fault")).toMatchObject({ code: 1, err: "saccade: x is undefined\n" });
  });

  it.each([["fit"], ["fit", "f", "--port", "x"], ["fit", "wrong"], ["none"], ["group"], ["group", "none"]])(
    "2 for %s %s",
    async (...argv) => {
      const { code, err } = await call(...argv);
      expect(code).toBe(2);
      expect(err).toMatch(/^saccade: .+\nsaccade .*--help tells the right usage\.\n$/);
    },
  );

  it("2 with --json too", async () => {
    const { code, out } = await call("fit", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "bad-argument", message: "FILE is missing" } });
  });

  it("130 when interrupted, whatever the interruption broke", async () => {
    const control = new AbortController();
    const streams = { stdout: sink(), stderr: sink() };
    const stopped = (failing: boolean): Command => ({
      ...sub("stop"),
      path: ["stop"],
      run: () => {
        control.abort();
        return failing ? Promise.reject(new AppError("aborted", "Aborted by the caller")) : Promise.resolve();
      },
    });
    expect(await run(["stop"], [stopped(false)], streams, control.signal)).toBe(130);
    expect(await run(["stop", "--json"], [stopped(true)], streams, control.signal)).toBe(130);
    expect(streams.stdout.text).toBe('{"error":{"code":"aborted","message":"Interrupted"}}\n');
  });
});

it("tells its version", async () => {
  expect((await call("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe("help", () => {
  it("exists on every level, from the declarations", async () => {
    for (const argv of [["--help"], ["-h"], ["group", "--help"], ["fit", "--help"]])
      expect(await call(...argv)).toMatchObject({ code: 0, err: "" });
    const text = commandHelp(fit);
    expect(text).toContain("Usage: saccade fit FILE… [options]");
    expect(text).toMatch(/--port N\s+Port \(0 to 9; default 7\)/);
    expect(text).toMatch(/--kind ID\s+Kind \(one of a, b; default a\)/);
    expect(text).toMatch(/--set X=Y\s+Set \(may be repeated\)/);
    expect(text).toContain("--workspace DIR");
    expect(overviewHelp(commands, ["group"])).toMatch(/group add/);
    expect(overviewHelp(commands, ["group"])).not.toMatch(/ {2}fit/);
  });
});

describe("values", () => {
  it.each([
    ["1500000", 1_500_000],
    ["1.5s", 1_500_000],
    ["20ms", 20_000],
    ["7us", 7],
    ["7 µs", 7],
    ["2min", 120_000_000],
    ["-5ms", -5_000],
    ["0", 0],
  ])("reads the time %s", (text, us) => expect(parseTime(text, "--from")).toBe(us));

  it.each(["", "x", "1h", "1e3", "s", "1.5.2s", "NaN", "99999999999999999999"])("refuses the time %j", (text) => {
    expect(() => parseTime(text, "--from")).toThrow("--from is");
  });

  it("refuses a range that ends before it begins", () => {
    expect(parseRange("1ms", undefined)).toEqual({ from: 1000 });
    expect(() => parseRange("2ms", "2ms")).toThrow("not before");
  });

  it("reads units with parameters", () => {
    expect(parseUnit("refractory", "--filter")).toEqual({ id: "refractory", params: {} });
    expect(parseUnit("roi:x=1,keep=true,name=a b", "--filter")).toEqual({ id: "roi", params: { x: 1, keep: true, name: "a b" } });
    expect(() => parseUnit("roi:x", "--filter")).toThrow("expected name=value");
    expect(() => parseUnit(":x=1", "--filter")).toThrow("expected ID");
    expect(parsePair("a=b=c", "--set")).toEqual(["a", "b=c"]);
    expect(roiFilter("1,2,3,4").params).toEqual({ x: 1, y: 2, width: 3, height: 4 });
    for (const bad of ["", "1,2,3", "1,2,0,4", "-1,2,3,4", "a,b,c,d", "1,2,3,4,5"])
      expect(() => roiFilter(bad)).toThrow("--roi is");
  });

  it("sets values deep in a run file and nowhere else", () => {
    const spec: Record<string, unknown> = { model: { id: "vgg-snn" }, epochs: 1, neuron: "lif" };
    setPath(spec, "neuron.params.tau", 2);
    expect(spec["neuron"]).toEqual({ id: "lif", params: { tau: 2 } });
    delete spec["neuron"];
    setPath(spec, "model.params.preset", "tiny");
    setPath(spec, "epochs", 5);
    setPath(spec, "epochs.deep", 1);
    expect(spec).toEqual({ model: { id: "vgg-snn", params: { preset: "tiny" } }, epochs: { deep: 1 } });
    expect(() => setPath(spec, "__proto__.x", 1)).toThrow("is no path");
    expect(() => setPath(spec, "a.", 1)).toThrow("is no path");
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it("writes sizes and spans for people", () => {
    expect([0, 999, 1500, 2e6, 3e9].map(formatBytes)).toEqual(["0 B", "999 B", "1.5 kB", "2.0 MB", "3.0 GB"]);
    expect([5, 1500, 2.5e6, 61e6].map(formatSpan)).toEqual(["5 µs", "1.5 ms", "2.50 s", "1 min 1 s"]);
    expect(
      table(
        ["n", "name"],
        [
          [1, "a"],
          [20, "b"],
        ],
      ),
    ).toBe(" n  name\n 1  a\n20  b");
  });
});

describe("events as text and bytes", () => {
  const packet = { t0: 2 ** 33, words: new Uint32Array([5, (1 << 28) | (3 << 14) | 2, 6, (0 << 28) | (719 << 14) | 1279]) };

  it("writes lines", () => {
    expect(eventLines(packet, false)).toBe("8589934597,2,3,1\n8589934598,1279,719,0\n");
    expect(eventLines(packet, true)).toBe("[8589934597,2,3,1]\n[8589934598,1279,719,0]\n");
  });

  it("writes records of 13 bytes, beyond 32 bits and below zero too", () => {
    const view = new DataView(eventRecords(packet).buffer);
    expect(view.byteLength).toBe(26);
    expect(view.getBigInt64(0, true)).toBe(8589934597n);
    expect([view.getUint16(8, true), view.getUint16(10, true), view.getUint8(12)]).toEqual([2, 3, 1]);
    expect([view.getUint16(21, true), view.getUint16(23, true), view.getUint8(25)]).toEqual([1279, 719, 0]);
    const early = new DataView(eventRecords({ t0: -10, words: new Uint32Array([3, 0]) }).buffer);
    expect(early.getBigInt64(0, true)).toBe(-7n);
  });
});

it("has a reference that says what the commands declare", async () => {
  const text = await readFile(join(rootDir, "docs", "cli.md"), "utf8");
  expect(text, "run: node scripts/write-cli-docs.ts").toBe(cliReference());
});
