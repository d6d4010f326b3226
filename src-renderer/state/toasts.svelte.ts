/** One line at the foot of the page. */
export type Toast = {
  readonly id: number;
  readonly text: string;
  /** What can be done about it, usually undo. */
  readonly action?: { readonly label: string; readonly keys?: readonly string[]; readonly run: () => void };
};

const LIFE_MS = 6_000;
const MOST = 2;

/** What has just happened, with a way back. Faults are banners and do not come here. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  #timers: Record<number, ReturnType<typeof setTimeout>> = {};

  show(text: string, action?: Toast["action"]): number {
    const id = this.#next++;
    this.list = [...this.list, action === undefined ? { id, text } : { id, text, action }].slice(-MOST);
    this.resume(id);
    return id;
  }

  dismiss(id: number): void {
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** The pointer is over it: it stays. */
  pause(id: number): void {
    clearTimeout(this.#timers[id]);
    delete this.#timers[id];
  }

  resume(id: number): void {
    this.pause(id);
    this.#timers[id] = setTimeout(() => this.dismiss(id), LIFE_MS);
  }
}
