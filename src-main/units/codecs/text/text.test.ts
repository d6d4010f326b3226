import { describe, expect, test } from "vitest";
import { sourceOf } from "#main/lib/files.ts";
import { rowsFrom } from "../testing/files.ts";
import { testRoundTrip } from "../testing/round-trip.ts";
import { parseDecimal, parseScaled } from "./decimal.ts";
import { seeds } from "./seeds.ts";
import { text } from "./text.ts";

const open = (content: string, answers = {}) => text.open(sourceOf(Buffer.from(content), "x.csv"), answers);
const rows = async (content: string, answers = {}) => rowsFrom((await open(content, answers)).read({}));
const expected = Array.from({ length: 200 }, (_, i) => [1000 + 37 * i, (7 * i) % 64, (5 * i) % 48, i % 2]);

describe("text", () => {
  testRoundTrip(text, { name: "x.csv", negative: true, stepsBack: true });

  test.each(["uzh.txt", "size.txt", "vendor.csv", "faery.csv", "comma.csv", "numpy.txt"])("%s", async (name) => {
    const seed = (await seeds()).find((file) => file.name === name)!;
    expect(text.probe(seed.bytes)).toBe(true);
    const recording = await text.open(sourceOf(seed.bytes, name));
    expect(await rowsFrom(recording.read({}))).toEqual(expected);
    expect(recording.report()).toMatchObject({ damage: [], dropped: {} });
    const told = ["size.txt", "vendor.csv", "faery.csv"].includes(name);
    expect(recording.info.sensor).toEqual(told ? { width: 64, height: 48 } : { width: 128, height: 128 });
    expect(recording.guesses.some(({ param }) => param === "width")).toBe(!told);
  });

  test("nanoseconds beyond doubles, and words for polarities", async () => {
    expect(await rows("1700000000141415499 1 2 True\n1700000000141415500 1 2 FALSE\n1700000000141999999 3 4 true")).toEqual([
      [1_700_000_000_141_415, 1, 2, 1],
      [1_700_000_000_141_416, 1, 2, 0],
      [1_700_000_000_142_000, 3, 4, 1],
    ]);
  });

  test("seconds become µs by their digits, below zero too", async () => {
    expect((await rows("-0.003811 1 2 1\n-0.0000004 1 2 1\n0.003811 1 2 1\n1468939993.0729995 1 2 0\n")).map(([t]) => t)).toEqual(
      [-3811, 0, 3811, 1_468_939_993_073_000],
    );
    expect((await rows("1.5 1 2 1\n2.25 1 2 0\n", { timeUnit: "ms" })).map(([t]) => t)).toEqual([1500, 2250]);
    expect((await rows("1.5 1 2 1\n2.4 1 2 0\n", { timeUnit: "us" })).map(([t]) => t)).toEqual([2, 2]);
  });

  test.each([
    ["txyp", "100 5 3 1\n110 4 9 0\n125 9 9 1\n140 3 2 0\n"],
    ["xypt", "5 3 1 100\n4 9 0 110\n9 9 1 125\n3 2 0 140\n"],
    ["xytp", "5 3 100 1\n4 9 110 0\n9 9 125 1\n3 2 140 0\n"],
  ])("the order %s is guessed from what the columns hold", async (order, content) => {
    const recording = await open(content);
    expect(recording.guesses.find(({ param }) => param === "columns")).toMatchObject({ value: order, sure: true });
    expect((await rowsFrom(recording.read({})))[1]).toEqual([110, 4, 9, 0]);
  });

  test.each([
    ["a numbered first column without a name", ",t,x,y,p\n0,100,5,3,1\n1,110,4,9,0\n"],
    ["a name less than columns", "t x y p\n0 100 5 3 1\n1 110 4 9 0\n"],
    ["words in a column that is not needed", "id,t,x,y,p,label\n0,100,5,3,1,cat\n1,110,4,9,0,dog\n"],
    [
      "polarity first and time last",
      Array.from({ length: 40 }, (_, i) => `${(i + 1) % 2} ${5 - (i % 2)} ${3 + 6 * (i % 2)} ${100 + 10 * i}\n`).join(""),
    ],
  ])("%s", async (_, content) => {
    expect((await rows(content)).slice(0, 2)).toEqual([
      [100, 5, 3, 1],
      [110, 4, 9, 0],
    ]);
  });

  test("a single coordinate that is none does not hide the order of the columns", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, i) => `${100 + 10 * i} ${i === 50 ? -3 : (7 * i) % 60} ${(5 * i) % 40} ${i % 2}\n`,
    );
    const recording = await open(lines.join(""));
    expect(await rowsFrom(recording.read({}))).toHaveLength(299);
    expect(recording.report().dropped).toEqual({ "beyond the sensor": 1 });
  });

  test("answers replace guesses and names", async () => {
    const content = "t,x,y,p\n100,5,3,1\n110,4,9,0\n";
    const recording = await open(content, { columns: "tyxp", timeUnit: "ms", width: 20, height: 10, oneBased: "yes" });
    expect(recording.guesses).toEqual([]);
    expect(await rowsFrom(recording.read({}))).toEqual([
      [100_000, 2, 4, 1],
      [110_000, 8, 3, 0],
    ]);
    await expect(open(content, { columns: "txyq" })).rejects.toMatchObject({ code: "bad-parameter" });
  });

  test("broken lines are counted and named; zero bytes, a cut end and an endless line too", async () => {
    const good = Array.from({ length: 60 }, (_, i) => `${i},1,2,${i % 2}`);
    good[9] = "oops";
    good[19] = "\0\0\0\0";
    good[29] = "29,,2,1";
    good[39] = "x".repeat(700_000);
    const recording = await open(`t,x,y,p\n\n# hello\n${good.join("\n")}\n60,1`);
    expect((await rowsFrom(recording.read({}))).length).toBe(56);
    const { damage, dropped } = recording.report();
    expect(dropped).toEqual({ "broken lines": 5 });
    expect(damage.map(({ reason }) => reason)).toEqual(
      [13, 23, 33, 43].map((line) => `line ${line} is no event`).concat("line 64 is no event, it was cut off"),
    );
    expect(damage[3]!.bytes).toBe(700_001);
  });

  test("only the first twenty broken lines are named", async () => {
    const content = Array.from({ length: 200 }, (_, i) => (i % 4 === 3 ? "broken" : `${i} 1 2 ${i % 2}`)).join("\n");
    const recording = await open(content);
    await rowsFrom(recording.read({}));
    expect(recording.report().damage.length).toBe(21);
    expect(recording.report().damage.at(-1)?.reason).toContain("30 more lines");
  });

  test("text that is no list of events is refused", async () => {
    const probe = (content: string) => text.probe(Buffer.from(content));
    expect(probe("class,startTime_usec,endTime_usec\n1,80048459,85092709\n2,5,6\n")).toBe(false);
    expect(probe("path,label,split,bytes,events,on,first,last\ntrain/0/1.bin,0,train,5,4,3,2,1\n")).toBe(false);
    expect(probe("Once upon a time there was a camera.\nIt saw 4 events.\n")).toBe(false);
    expect(probe('{"a": [1, 2, 3, 4]}\n')).toBe(false);
    expect(probe("#!AER-DAT2.0\r\n# a comment\r\n")).toBe(false);
    expect(probe("% evt 3.0\n% format EVT3;height=480;width=640\n% end\n")).toBe(false);
    await expect(open(`${"1 2 3 1\n".repeat(30)}${"no event\n".repeat(500)}`)).rejects.toMatchObject({ code: "damaged" });
    await expect(open("1,200,3,400\n9,100,7,100\n2,150,9,700\n".repeat(9))).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a header alone is a recording without events", async () => {
    expect(await rowsFrom((await open("t,x,y,p\n")).read({}))).toEqual([]);
  });

  test("numbers in all spellings", () => {
    const bytes = (spelling: string) => Buffer.from(spelling);
    for (const spelling of ["0", "-12.5", "+3", ".5", "5.", "1e3", "1.25E-2", "0.1", "-0.000001", "4.306e+04"])
      expect(parseDecimal(bytes(spelling), 0, spelling.length, 46)).toBeCloseTo(Number(spelling), 9);
    for (const spelling of ["", "-", ".", "1e", "e5", "0x10", "1.2.3", "nan", "1-2"])
      expect(parseDecimal(bytes(spelling), 0, spelling.length, 46)).toBeNaN();
    const scaled = (spelling: string, shift: number) => parseScaled(bytes(spelling), 0, spelling.length, 46, shift);
    expect(scaled("4.3061000e+04", 0)).toBe(43_061);
    expect(scaled("7.9579e-02", 6)).toBe(79_579);
    expect(scaled("0.1234565", 6)).toBe(123_457);
    expect(scaled("499", -3)).toBe(0);
    expect(scaled("500", -3)).toBe(1);
    expect(scaled("1e999", 0)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(scaled("1e-999", 0)).toBe(0);
  });
});
