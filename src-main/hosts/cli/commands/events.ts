import { command } from "../command.ts";
import { parseAnswers, parseRange, readOption } from "../values.ts";
import { eventLines, eventRecords } from "../event-text.ts";

export const events = command({
  path: ["events"],
  summary: "Prints the events of a recording, one line each: t,x,y,p.",
  positionals: [{ name: "FILE", summary: "A recording of any supported format" }],
  options: {
    from: { param: { type: "text", default: "", label: "First time" }, value: "TIME", optional: true },
    to: { param: { type: "text", default: "", label: "Time to stop before" }, value: "TIME", optional: true },
    read: readOption,
    binary: {
      param: {
        type: "boolean",
        default: false,
        label: "13-byte little-endian records (int64 t, uint16 x, uint16 y, uint8 p) instead of lines",
      },
    },
    "as-stored": {
      param: {
        type: "boolean",
        default: false,
        label: "Coordinates and polarity as they lie in the file, not turned so that the origin is top left",
      },
    },
  },
  output: "one array per line: [t, x, y, p]; with --binary the records and nothing else",
  run: async ({ out, signal, worker }, [file = ""], given) => {
    const api = await worker();
    const range = parseRange(given.from, given.to);
    for await (const packet of api.events(
      file,
      { ...range, ...parseAnswers(given.read), asStored: given["as-stored"] },
      signal,
    )) {
      await out.write(given.binary ? eventRecords(packet) : eventLines(packet, out.json));
    }
    signal.throwIfAborted();
  },
});
