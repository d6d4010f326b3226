import { readdirSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { DecodeBench } from "#shared/api/stream-bench.ts";
import { assetsDir } from "#main/lib/paths.ts";
import { command } from "../command.ts";
import { formatCount } from "../values.ts";
import { table } from "./table.ts";

/** How long a file is decoded again and again. */
const DECODE_MS = 3000;
const MIN_ROUNDS = 3;

/** The largest recording that ships. */
function largestSample(): string {
  const files = ["demo/recordings", "samples"].flatMap((folder) => {
    const path = join(assetsDir, folder);
    return readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name));
  });
  const recordings = files.filter((path) => !path.endsWith(".json") && statSync(path).isFile());
  return recordings.reduce((best, path) => (statSync(path).size > statSync(best).size ? path : best));
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

function describeDecoders({ figures, skipped, shareOfC }: DecodeBench): string {
  const kinds = [...new Set(figures.map(({ id }) => id.split("-")[0] ?? id))];
  const speed = (id: string): string => {
    const found = figures.find((figure) => figure.id === id);
    return found === undefined ? "–" : (found.eventsPerSecond / 1e6).toFixed(0);
  };
  const rows = kinds.map((kind) => {
    const share = shareOfC[kind];
    return [
      kind,
      speed(`${kind}-compiled`),
      speed(`${kind}-plain`),
      speed(`${kind}-c`),
      share === undefined ? "–" : share.toFixed(2),
    ];
  });
  const reasons = [...new Set(skipped.map(({ reason }) => reason))].map((reason) => `left out: ${reason}`);
  return [table(["million events/s", "compiled", "plain", "C loop", "÷ C"], rows), ...reasons].join("\n");
}

export const benchDecode = command({
  path: ["bench", "decode"],
  summary: "Measures how fast recordings are read, and each decoder beside loops in C.",
  details: [
    "The whole way: disk (cached after the first round), decoder, statistics, one process. The file is read again and again for three seconds.",
    "Without FILE also the decoders alone on synthetic events: compiled kernels, their plain twins and, where a C compiler is, loops of ours in C.",
  ],
  positionals: [{ name: "FILE", summary: "A recording (default: the largest that ships)", optional: true }],
  options: {},
  output:
    "{file, codec, encoding, events, bytes, rounds, seconds:{best,median}, eventsPerSecond, megabytesPerSecond, cpu, decoders:{figures, skipped, shareOfC}}",
  run: async ({ out, signal, worker }, [given]) => {
    const file = given ?? largestSample();
    const api = await worker();
    const { codec, encoding, events, bytes } = await api.inspect(file, { digest: false }, signal); // warms up what there is to warm
    const rounds: number[] = [];
    for (const began = performance.now(); rounds.length < MIN_ROUNDS || performance.now() - began < DECODE_MS;) {
      const start = performance.now();
      await api.inspect(file, { digest: false }, signal);
      rounds.push((performance.now() - start) / 1000);
    }
    const seconds = { best: Math.min(...rounds), median: median(rounds) };
    const eventsPerSecond = Math.round(events / seconds.median);
    const megabytesPerSecond = bytes / 1e6 / seconds.median;
    const cpu = cpus()[0]?.model ?? "unknown";
    const decoders = given === undefined ? await api.benchDecode(signal) : undefined;
    await out.data({
      file,
      codec,
      encoding,
      events,
      bytes,
      rounds: rounds.length,
      seconds,
      eventsPerSecond,
      megabytesPerSecond,
      cpu,
      ...(decoders === undefined ? {} : { decoders }),
    });
    await out.text(
      `${file} (${codec}, ${encoding}): ${formatCount(events)} events in ${(seconds.median * 1000).toFixed(1)} ms (median of ${rounds.length}), ` +
        `${(eventsPerSecond / 1e6).toFixed(1)} million events/s, ${megabytesPerSecond.toFixed(0)} MB/s on ${cpu}`,
    );
    if (decoders !== undefined) await out.text(describeDecoders(decoders));
  },
});
