import { dvsHeader } from "./header.ts";
import type { SeedFile } from "../testing/seeds.ts";

/** Bytes of a file of this type with events whose fields follow from their number. */
function file(type: number, events: number, event: (i: number) => readonly number[]): Uint8Array {
  const header = dvsHeader({ width: 64, height: 48 });
  header[15] = type;
  return Uint8Array.from([...header, ...Array.from({ length: events }, (_, i) => event(i)).flat()]);
}

const place = (i: number): readonly number[] => [(7 * i) % 64, 0, (5 * i) % 48, 0];
const silence = (i: number): readonly number[] => (i % 50 === 49 ? [0xff, 0xff, 0xfe] : []);

/** One file for each type of events with pixels. */
export const seeds = (): Promise<readonly SeedFile[]> =>
  Promise.resolve([
    {
      codec: "event-stream",
      name: "dvs.es",
      bytes: file(1, 400, (i) => [...silence(i), ((i % 100) << 1) | (i % 2), ...place(i)]),
    },
    {
      codec: "event-stream",
      name: "atis.es",
      bytes: file(2, 400, (i) => [...(i % 50 === 49 ? [0xff, 0xfd] : []), ((i % 60) << 2) | (i % 4), ...place(i)]),
    },
    { codec: "event-stream", name: "color.es", bytes: file(4, 300, (i) => [...silence(i), i % 254, ...place(i), 1, 2, 3]) },
  ]);
