import type { SeedFile } from "../testing/seeds.ts";

type Line = (t: number, x: number, y: number, p: number) => string;

function lines(head: string, line: Line, end = "\n"): Uint8Array {
  const events = Array.from({ length: 200 }, (_, i) => line(1000 + 37 * i, (7 * i) % 64, (5 * i) % 48, i % 2));
  return Buffer.from(head + events.map((text) => text + end).join(""));
}

const seconds = (t: number): string => (t / 1e6).toFixed(9);

/** One file for each way that labs write events as text. */
export const seeds = (): Promise<readonly SeedFile[]> =>
  Promise.resolve(
    Object.entries({
      "uzh.txt": lines("", (t, x, y, p) => `${seconds(t)} ${x} ${y} ${p}`),
      "size.txt": lines("64 48\n# comment\n", (t, x, y, p) => `${seconds(t)} ${x} ${y} ${p}`),
      "vendor.csv": lines("%geometry:64,48\n", (t, x, y, p) => `${x},${y},${p},${t}`),
      "faery.csv": lines("t,x@64,y@48,on\r\n", (t, x, y, p) => `${t},${x},${y},${p}`, "\r\n"),
      "nanoseconds.tsv": lines(
        "timestamp\tx\ty\tpolarity\n",
        (t, x, y, p) => `17000000000${t}123456\t${x}\t${y}\t${p === 1 ? "True" : "False"}`,
      ),
      "comma.csv": lines("x;y;t [ms];p\n", (t, x, y, p) => `${x};${y};${(t / 1000).toFixed(3).replace(".", ",")};${2 * p - 1}`),
      "numpy.txt": lines("", (t, x, y, p) => [t, x, y, p].map((value) => value.toExponential(18)).join(" ")),
    }).map(([name, bytes]) => ({ codec: "text", name, bytes })),
  );
