import type { CapturePage } from "./capture.svelte.ts";
import type { KeyHandler } from "./shortcuts.svelte.ts";

/** The picture of a live stream can be held while events go on. */
export type Freeze = { frozen: boolean };

/** What keys do on the capture page before they mean what they mean for every player. */
export const captureKeys =
  (page: CapturePage, freeze: Freeze, player: KeyHandler): KeyHandler =>
  (action, event) => {
    if (action.startsWith("class-")) {
      const one = page.classes.find((candidate) => candidate.key === Number(action.slice("class-".length)));
      if (one === undefined) return action === "class-3" && player(action, event);
      if (!event.repeat) page.press(one.id, event.shiftKey, event.timeStamp);
      return true;
    }
    if (action === "record") {
      if (!event.repeat) page.toggleFree(event.shiftKey);
      return true;
    }
    if (action === "reject") return void page.removeLast();
    if (action === "play") {
      freeze.frozen = !freeze.frozen;
      return true;
    }
    if (action === "end") {
      freeze.frozen = false;
      return true;
    }
    return player(action, event);
  };
