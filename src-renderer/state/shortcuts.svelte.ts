import { actionOf, combo, ownsKey, takesText, type KeyActionId } from "./keys.ts";

/** A page's answer to keys. True or nothing: the key has been used; false: pass it on. */
export type KeyHandler = (action: KeyActionId, event: KeyboardEvent) => boolean | void;

/** Hands key presses to whoever registered last; text fields keep theirs. */
export class Shortcuts {
  /** Single-letter keys, as the settings say. */
  singleKeys = true;
  /** Whether the keyboard has moved the focus last. (`:focus-visible` turns true with the first key after a click.) */
  keyboardFocus = false;
  #down: KeyHandler[] = [];
  #up: ((event: KeyboardEvent) => void)[] = [];

  /** Adds a handler and returns its end. Handlers added later are asked first. */
  add(handler: KeyHandler): () => void {
    this.#down.push(handler);
    return () => {
      this.#down = this.#down.filter((other) => other !== handler);
    };
  }

  addUp(handler: (event: KeyboardEvent) => void): () => void {
    this.#up.push(handler);
    return () => {
      this.#up = this.#up.filter((other) => other !== handler);
    };
  }

  handlePointer(): void {
    this.keyboardFocus = false;
  }

  handleDown(event: KeyboardEvent): void {
    if (event.key === "Tab" || event.key === "F6") this.keyboardFocus = true;
    if (event.defaultPrevented || event.isComposing) return;
    const action = actionOf(event, this);
    if (action === undefined) return;
    const always = action === "search" || action === "stage" || action === "next-area";
    if (!always && (takesText(event.target) || ownsKey(event.target, combo(event), this.keyboardFocus))) return;
    // An open dialog or menu owns the keyboard.
    if (!always && document.querySelector('[role="dialog"],[role="menu"],[role="listbox"]') !== null) return;
    for (const handler of this.#down.toReversed()) {
      if (handler(action, event) === false) continue;
      event.preventDefault();
      return;
    }
  }

  handleUp(event: KeyboardEvent): void {
    for (const handler of this.#up) handler(event);
  }
}
