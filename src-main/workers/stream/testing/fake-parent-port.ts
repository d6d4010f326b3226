import { EventEmitter } from "node:events";
import { MessageChannel } from "node:worker_threads";

/*
 * Loaded before the worker's entry, this gives plain Node the `process.parentPort` of an Electron utility process. What main
 * would send comes over the child's IPC channel; each port handed over is bridged to it. Ports behave as MessagePortMain:
 * events carry `{ data }`, and nothing arrives before `start()`.
 */

type FromTest =
  | { readonly kind: "port"; readonly id: string }
  | { readonly kind: "stop" }
  | { readonly kind: "data"; readonly id: string; readonly data: unknown }
  | { readonly kind: "close"; readonly id: string };

const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (message: unknown) => void process.send?.({ kind: "parent", message }),
});
const bridged = new Map<string, { postMessage(message: unknown): void; close(): void }>();

function handOver(id: string): void {
  const { port1, port2 } = new MessageChannel();
  const main = Object.assign(new EventEmitter(), {
    postMessage: (message: unknown) => port1.postMessage(message),
    start: () => {
      port1.on("message", (data: unknown) => main.emit("message", { data, ports: [] }));
      port1.on("close", () => main.emit("close"));
    },
    close: () => port1.close(),
  });
  port2.on("message", (data: unknown) => void process.send?.({ kind: "data", id, data }));
  port2.on("close", () => void process.send?.({ kind: "close", id }));
  bridged.set(id, port2);
  parentPort.emit("message", { data: { kind: "port", id }, ports: [main] });
}

process.on("message", (message: FromTest) => {
  if (message.kind === "port") handOver(message.id);
  else if (message.kind === "stop") parentPort.emit("message", { data: { kind: "stop" }, ports: [] });
  else if (message.kind === "data") bridged.get(message.id)?.postMessage(message.data);
  else bridged.get(message.id)?.close();
});

Object.assign(process, { parentPort });
