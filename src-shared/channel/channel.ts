import { AppError, fromErrorData, isAppErrorData, toErrorData, type AppErrorData } from "../api/errors.ts";
import type { Port } from "./port.ts";

/*
 * A typed boundary. The contract is an interface whose methods answer with a promise (a call) or with an async
 * iterable (a feed). Whoever serves it implements it, whoever uses it gets a proxy with the same methods.
 *
 * A feed is pulled: the consumer grants two credits, each item spends one, asking for the next item returns
 * one, leaving the loop cancels. Back-pressure and cancellation need no further words.
 */

/** Credits a feed starts with: one item being handled, one on its way. */
const FEED_CREDITS = 2;

type Request =
  | { readonly kind: "call"; readonly id: number; readonly path: readonly string[]; readonly args: readonly unknown[] }
  | { readonly kind: "credit"; readonly id: number }
  | { readonly kind: "cancel"; readonly id: number };

type Reply =
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "feed"; readonly id: number }
  | { readonly kind: "item"; readonly id: number; readonly value: unknown }
  | { readonly kind: "end"; readonly id: number }
  | { readonly kind: "error"; readonly id: number; readonly error: AppErrorData };

/** A contract as the using side sees it: the same methods, each taking an AbortSignal as an extra last argument. */
export type Remote<A> = {
  readonly [K in keyof A]: A[K] extends (...args: infer P) => infer R
    ? (...args: P | [...P, signal: AbortSignal]) => R
    : A[K] extends object
      ? Remote<A[K]>
      : A[K];
};

const METHOD_NAME = /^[a-z][A-Za-z0-9]*$/;

function lookUp(api: object, path: readonly string[]): { owner: object; method: (...args: unknown[]) => unknown } {
  let owner: object = api;
  for (const [index, name] of path.entries()) {
    const value: unknown =
      METHOD_NAME.test(name) && name !== "constructor" && !(name in Object.prototype)
        ? (owner as Record<string, unknown>)[name]
        : undefined;
    if (index === path.length - 1 && typeof value === "function")
      return { owner, method: value as (...args: unknown[]) => unknown };
    if (typeof value !== "object" || value === null) break;
    owner = value;
  }
  throw new AppError("bad-argument", `There is no method "${path.join(".")}"`);
}

const isFeed = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

function parseRequest(message: unknown): Request | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message) || !("id" in message)) return undefined;
  const { kind, id } = message;
  if (typeof id !== "number" || !Number.isSafeInteger(id)) return undefined;
  if (kind === "credit" || kind === "cancel") return { kind, id };
  if (kind !== "call" || !("path" in message) || !("args" in message)) return undefined;
  const { path, args } = message;
  if (!Array.isArray(path) || path.length === 0 || path.length > 4 || !path.every((name) => typeof name === "string"))
    return undefined;
  return Array.isArray(args) ? { kind, id, path, args } : undefined;
}

/** What the serving side keeps for one running call. */
class Running {
  readonly controller = new AbortController();
  #credits = FEED_CREDITS;
  #wake: (() => void) | undefined;

  credit(): void {
    this.#credits += 1;
    this.#wake?.();
  }

  /** Waits until the consumer wants an item. False when it has left. */
  async wanted(): Promise<boolean> {
    while (this.#credits === 0 && !this.controller.signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#wake = undefined;
    this.#credits -= 1;
    return !this.controller.signal.aborted;
  }

  cancel(reason: unknown): void {
    this.controller.abort(reason);
    this.#wake?.();
  }
}

/** Serves an API over a port until the port closes; running calls are aborted then. Each call receives a signal as last argument. */
export function serve<A extends object>(port: Port, api: A): void {
  const running = new Map<number, Running>();
  const reply = (message: Reply): void => port.post(message);

  const feed = async (id: number, call: Running, items: AsyncIterable<unknown>): Promise<void> => {
    reply({ kind: "feed", id });
    const iterator = items[Symbol.asyncIterator]();
    const { signal } = call.controller;
    let leave: ((gone: undefined) => void) | undefined;
    signal.addEventListener("abort", () => leave?.(undefined), { once: true });
    try {
      while (await call.wanted()) {
        // Not `Promise.race` with one promise for the end: that would keep every item of the feed until the feed is over.
        const next = await new Promise<IteratorResult<unknown> | undefined>((resolve, reject) => {
          leave = resolve;
          iterator.next().then(resolve, reject);
        });
        if (next === undefined) return;
        if (next.done === true) {
          reply({ kind: "end", id });
          return;
        }
        reply({ kind: "item", id, value: next.value });
      }
    } finally {
      // Not awaited: a generator that is waiting for its next item only notices the end through the signal.
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  };

  const answer = async ({ id, path, args }: Extract<Request, { kind: "call" }>): Promise<void> => {
    const call = new Running();
    running.set(id, call);
    try {
      const { owner, method } = lookUp(api, path);
      let result: unknown = method.call(owner, ...args, call.controller.signal);
      if (!isFeed(result)) result = await result;
      if (isFeed(result)) await feed(id, call, result);
      else reply({ kind: "value", id, value: result });
    } catch (error) {
      reply({ kind: "error", id, error: toErrorData(error) });
    } finally {
      running.delete(id);
    }
  };

  port.onMessage((message) => {
    const request = parseRequest(message);
    if (request === undefined) port.close();
    else if (request.kind === "call") void answer(request);
    else if (request.kind === "credit") running.get(request.id)?.credit();
    else running.get(request.id)?.cancel(new AppError("aborted", "The caller left"));
  });
  port.onClose((reason) => {
    for (const call of running.values()) call.cancel(new AppError("closed", reason));
  });
}

/** What the using side keeps for one call: a promise and a queue, whichever is asked for. */
class Pending implements PromiseLike<unknown>, AsyncIterable<unknown> {
  readonly #items: unknown[] = [];
  readonly #settled: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: AppError) => void;
  #wake: (() => void) | undefined;
  #end: { readonly error?: AppError } | undefined;
  readonly #send: (kind: "credit" | "cancel") => void;

  constructor(send: (kind: "credit" | "cancel") => void) {
    this.#send = send;
    this.#settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is the point
  then<T, E>(
    onValue?: ((value: unknown) => T | PromiseLike<T>) | null,
    onError?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ) {
    return this.#settled.then(onValue, onError);
  }

  catch<E>(onError: (reason: unknown) => E | PromiseLike<E>) {
    return this.#settled.catch(onError);
  }

  finally(onEnd: () => void) {
    return this.#settled.finally(onEnd);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    this.#settled.catch(() => undefined); // the loop below reports it
    try {
      for (;;) {
        while (this.#items.length === 0 && this.#end === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
        if (this.#items.length > 0) {
          const item = this.#items.shift();
          this.#send("credit");
          yield item;
        } else if (this.#end?.error) {
          throw this.#end.error;
        } else {
          return;
        }
      }
    } finally {
      if (this.#end === undefined) this.#send("cancel");
    }
  }

  /** True when the call is over. */
  take(message: Reply): boolean {
    switch (message.kind) {
      case "feed":
        this.#resolve(undefined);
        return false;
      case "item":
        this.#items.push(message.value);
        this.#wake?.();
        return false;
      case "value":
        this.#resolve(message.value);
        this.#finish({ error: new AppError("internal", "A call that answers with one value was used as a feed") });
        return true;
      case "end":
        this.#finish({});
        return true;
      case "error":
        this.fail(fromErrorData(message.error));
        return true;
    }
  }

  fail(error: AppError): void {
    this.#reject(error);
    this.#finish({ error });
  }

  #finish(end: { readonly error?: AppError }): void {
    this.#end ??= end;
    this.#wake?.();
  }
}

const replyKinds = new Set(["value", "feed", "item", "end", "error"]);

function parseReply(message: unknown): Reply | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message) || !("id" in message)) return undefined;
  if (typeof message.kind !== "string" || !replyKinds.has(message.kind) || typeof message.id !== "number") return undefined;
  if (message.kind === "error" && !("error" in message && isAppErrorData(message.error))) return undefined;
  return message as Reply;
}

const isSignal = (value: unknown): value is AbortSignal => typeof AbortSignal !== "undefined" && value instanceof AbortSignal;

/**
 * The proxy of an API that the other side of the port serves. What a method returns can be awaited (a call) or
 * iterated (a feed); the contract's type says which. When the port closes, everything pending fails with `closed`.
 */
export function connect<A extends object>(port: Port): Remote<A> {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closedBy: string | undefined;

  port.onMessage((message) => {
    const reply = parseReply(message);
    if (reply === undefined) port.close();
    else if (pending.get(reply.id)?.take(reply)) pending.delete(reply.id);
  });
  port.onClose((reason) => {
    closedBy = reason;
    const open = [...pending.values()];
    pending.clear();
    for (const call of open) call.fail(new AppError("closed", `The connection ended: ${reason}`));
  });

  const call = (path: readonly string[], args: readonly unknown[]): Pending => {
    const id = nextId++;
    const last = args.at(-1);
    const signal = isSignal(last) ? last : undefined;
    const send = (kind: "credit" | "cancel"): void => {
      port.post({ kind, id } satisfies Request);
      if (kind === "cancel") pending.delete(id);
    };
    const entry = new Pending(send);
    if (closedBy !== undefined) {
      entry.fail(new AppError("closed", `The connection ended: ${closedBy}`));
    } else if (signal?.aborted === true) {
      entry.fail(new AppError("aborted", "Aborted before it began"));
    } else {
      pending.set(id, entry);
      signal?.addEventListener(
        "abort",
        () => {
          if (!pending.has(id)) return;
          send("cancel");
          entry.fail(new AppError("aborted", "Aborted by the caller"));
        },
        { once: true },
      );
      port.post({ kind: "call", id, path, args: signal === undefined ? args : args.slice(0, -1) } satisfies Request);
    }
    return entry;
  };

  const node = (path: readonly string[]): unknown =>
    new Proxy(() => undefined, {
      get: (_target, name) =>
        // A proxy must not look like a promise, or `await` on the API itself would call it.
        typeof name === "string" && name !== "then" ? node([...path, name]) : undefined,
      apply: (_target, _self, args: unknown[]) => call(path, args),
    });
  return node([]) as Remote<A>;
}
