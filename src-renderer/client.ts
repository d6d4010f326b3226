import type { EngineApi, StreamHandle } from "#shared/api/engine-api.ts";
import { AppError, fromErrorData, isAppErrorData } from "#shared/api/errors.ts";
import type { StreamApi } from "#shared/api/stream-api.ts";
import { connect, type Remote } from "#shared/channel/channel.ts";
import { fromMessagePort, type DomMessagePort } from "#shared/channel/message-port.ts";
import type { Port } from "#shared/channel/port.ts";
import { fromWebSocket, type WebSocketLike } from "#shared/channel/web-socket.ts";

/** What the Electron preload offers to the page. */
export interface NativeHost {
  connect(id: string): void;
  choose?(options: ChooseOptions): Promise<ChooseAnswer>;
  pathOf(file: File): string;
  onOpen?(handler: (item: string) => void): void;
}

/** What the native dialog is asked for. */
export type ChooseOptions = {
  readonly kind: "files" | "folder" | "save";
  readonly title: string;
  readonly name?: string;
  readonly extensions?: readonly string[];
};
export type ChooseAnswer =
  { readonly ok: true; readonly paths: readonly string[] } | { readonly ok: false; readonly error: { readonly message: string } };

declare global {
  interface Window {
    readonly saccade?: NativeHost;
  }
}

/** Endpoint under which every host serves the engine. */
export const ENGINE_ENDPOINT = "engine";

/** A stream worker as a page holds it: the contract, and the end of the line. */
export interface StreamLink {
  readonly api: Remote<StreamApi>;
  readonly onClose: (handler: (reason: string) => void) => void;
  close(): void;
}

/** How the page reaches its host. */
export interface Client {
  /** A new line to the engine. */
  openEngine(): Promise<{ readonly api: Remote<EngineApi>; readonly onClose: (handler: (reason: string) => void) => void }>;
  /** A private line to the stream worker that a handle names. */
  openStream(handle: StreamHandle): Promise<StreamLink>;
  /** The path of a file the user has dropped or chosen, on the machine of the engine. */
  importFile(file: File, signal?: AbortSignal): Promise<string>;
  /** The native dialog, where the host has one. */
  readonly choose: ((options: ChooseOptions) => Promise<readonly string[]>) | undefined;
  /** Files and links that the system hands to the application. */
  onOpen(handler: (item: string) => void): void;
}

/** How long a port may take to arrive: a stream worker that has been forked answers within a second. */
const PORT_TIMEOUT_MS = 20_000;

function nativePort(host: NativeHost, id: string): Promise<Port> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      window.removeEventListener("message", listen);
    };
    const listen = (event: MessageEvent<unknown>): void => {
      const { data, ports } = event;
      if (event.source !== window || typeof data !== "object" || data === null) return;
      if (!("saccade" in data) || data.saccade !== "port" || !("id" in data) || data.id !== id) return;
      const [port] = ports;
      stop();
      if (port === undefined) reject(new AppError("io", `The application handed over no line to "${id}"`));
      else resolve(fromMessagePort(port as unknown as DomMessagePort)); // the declared events of the DOM are narrower
    };
    const timer = setTimeout(() => {
      stop();
      reject(
        new AppError("io", `There was no answer for "${id}" within ${PORT_TIMEOUT_MS / 1000} s`, { hint: "Restart Saccade." }),
      );
    }, PORT_TIMEOUT_MS);
    // Listen first, then ask: a port that nobody waits for is lost.
    window.addEventListener("message", listen);
    host.connect(id);
  });
}

/** The client inside Electron: every line is a MessagePort that the preload hands over. */
export function nativeClient(host: NativeHost): Client {
  return {
    openEngine: async () => {
      const port = await nativePort(host, ENGINE_ENDPOINT);
      return { api: connect<EngineApi>(port), onClose: (handler) => port.onClose(handler) };
    },
    openStream: async (handle) => {
      const port = await nativePort(host, handle.endpoint);
      return { api: connect<StreamApi>(port), onClose: (handler) => port.onClose(handler), close: () => port.close() };
    },
    importFile: (file) => Promise.resolve(host.pathOf(file)),
    choose:
      host.choose === undefined
        ? undefined
        : async (options) => {
            const answer = await host.choose?.(options);
            if (answer === undefined) return [];
            if (!answer.ok) throw new AppError("io", answer.error.message);
            return answer.paths;
          },
    onOpen: (handler) => host.onOpen?.(handler),
  };
}

/** Where the server host serves an endpoint. */
export const socketPath = (endpoint: string): string =>
  endpoint === ENGINE_ENDPOINT ? "/api" : `/stream/${encodeURIComponent(endpoint)}`;

async function socketPort(endpoint: string): Promise<Port> {
  const url = new URL(socketPath(endpoint), location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    const fail = (): void =>
      reject(new AppError("io", "The server does not answer", { hint: "Start it again with `saccade serve`." }));
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", fail, { once: true });
    socket.addEventListener("close", fail, { once: true });
  });
  return fromWebSocket(socket as unknown as WebSocketLike); // the declared events of the DOM are narrower
}

async function upload(file: File, signal?: AbortSignal): Promise<string> {
  const response = await fetch(`/upload?name=${encodeURIComponent(file.name)}`, {
    method: "PUT",
    body: file,
    ...(signal === undefined ? {} : { signal }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && typeof answer === "object" && answer !== null && "path" in answer && typeof answer.path === "string") {
    return answer.path;
  }
  if (typeof answer === "object" && answer !== null && "error" in answer && isAppErrorData(answer.error))
    throw fromErrorData(answer.error);
  throw new AppError("io", `"${file.name}" could not be handed to the server: ${response.statusText}`);
}

/** The client in a browser: every line is a WebSocket on the origin of the page. */
export function webClient(): Client {
  return {
    openEngine: async () => {
      const port = await socketPort(ENGINE_ENDPOINT);
      return { api: connect<EngineApi>(port), onClose: (handler) => port.onClose(handler) };
    },
    openStream: async (handle) => {
      const port = await socketPort(handle.endpoint);
      return { api: connect<StreamApi>(port), onClose: (handler) => port.onClose(handler), close: () => port.close() };
    },
    importFile: upload,
    choose: undefined,
    onOpen: () => undefined,
  };
}

/** The client that fits the place the page runs in. */
export const createClient = (): Client => (window.saccade === undefined ? webClient() : nativeClient(window.saccade));
