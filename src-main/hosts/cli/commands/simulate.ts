import { command } from "../command.ts";
import { formatBytes, formatCount, parsePair } from "../values.ts";

export const simulate = command({
  path: ["simulate"],
  summary: "Makes event recordings from a picture, a film or a folder of pictures, as an event camera would see them.",
  details: ["What comes out is marked as generated wherever it is shown."],
  positionals: [
    { name: "IN", summary: "A picture, a film, or a folder of pictures" },
    { name: "OUT", summary: "The recording, or the folder of recordings, to write" },
  ],
  options: {
    set: { param: { type: "text", default: "", label: "Parameter of the simulator" }, value: "NAME=VALUE", many: true },
  },
  output: "{events, bytes, dropped, seconds}",
  run: async ({ out, signal, worker }, [input = "", output = ""], { set }) => {
    const params = Object.fromEntries(set.map((text) => parsePair(text, "--set")));
    for await (const step of (await worker()).simulate({ input, output, params }, signal)) {
      if (step.kind === "progress") {
        out.progress(step.fraction, `${formatCount(step.events)} events`);
        continue;
      }
      const { events, bytes, dropped, seconds } = step;
      await out.data({ events, bytes, dropped, seconds });
      await out.text(`${output}: ${formatCount(events)} events, ${formatBytes(bytes)}, ${seconds.toFixed(2)} s`);
    }
    signal.throwIfAborted();
  },
});
