/**
 * A carrier: nothing more than this. Messages are structured data with typed arrays in it; they arrive in
 * order, and what is posted before the other side listens is kept.
 */
export interface Port {
  post(message: unknown): void;
  onMessage(handler: (message: unknown) => void): void;
  /** The handler is told why; it is called once, at once if the port is closed already. */
  onClose(handler: (reason: string) => void): void;
  close(): void;
}

/** Bookkeeping every carrier needs: an inbox until somebody listens, and one end. */
export class PortEnds {
  #inbox: unknown[] = [];
  #handler: ((message: unknown) => void) | undefined;
  #closers: ((reason: string) => void)[] = [];
  #reason: string | undefined;

  get closed(): boolean {
    return this.#reason !== undefined;
  }

  receive(message: unknown): void {
    if (this.#handler === undefined) this.#inbox.push(message);
    else this.#handler(message);
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#handler = handler;
    const waiting = this.#inbox;
    this.#inbox = [];
    for (const message of waiting) handler(message);
  }

  onClose(handler: (reason: string) => void): void {
    if (this.#reason === undefined) this.#closers.push(handler);
    else handler(this.#reason);
  }

  end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const closers = this.#closers;
    this.#closers = [];
    for (const closer of closers) closer(reason);
  }
}

/** Two ports joined in memory, for tests and for hosts that run a worker in their own process. */
export function portPair(): [Port, Port] {
  const ends = [new PortEnds(), new PortEnds()] as const;
  const make = (own: PortEnds, other: PortEnds): Port => ({
    post: (message) => {
      if (!own.closed) queueMicrotask(() => other.closed || other.receive(message));
    },
    onMessage: (handler) => own.onMessage(handler),
    onClose: (handler) => own.onClose(handler),
    close: () => {
      own.end("closed");
      queueMicrotask(() => other.end("closed by the other side"));
    },
  });
  return [make(ends[0], ends[1]), make(ends[1], ends[0])];
}
