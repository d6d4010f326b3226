import { runServer } from "#main/hosts/server/run-server.ts";
import { command } from "../command.ts";

export const serve = command({
  path: ["serve"],
  summary: "Runs the app in the browser and prints its address with a one-time key.",
  details: [
    "Listens on 127.0.0.1 only. From another machine: ssh -L 8080:127.0.0.1:PORT HOST, then open the printed address with port 8080.",
  ],
  positionals: [],
  options: {
    port: { param: { type: "integer", default: 0, min: 0, max: 65535, label: "Port to listen on; 0: any free one" } },
    "no-open": { param: { type: "boolean", default: false, label: "Do not open the browser" } },
    root: {
      param: { type: "path", default: "", label: "Folder the page may browse (default: home folder and current folder)" },
      value: "DIR",
      many: true,
    },
  },
  output: '{"url"} once it is ready',
  run: async ({ out, signal, workspace }, _args, given) => {
    await runServer({
      port: given.port,
      open: !given["no-open"],
      roots: given.root,
      workspace,
      signal,
      ready: async (url) => {
        await out.data({ url });
        await out.text(url);
      },
      say: (line) => out.note(line),
    });
  },
});
