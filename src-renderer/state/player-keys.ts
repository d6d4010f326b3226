import type { Command } from "./commands.svelte.ts";
import { keyOf } from "./keys.ts";
import type { Player } from "./player.svelte.ts";
import type { KeyHandler } from "./shortcuts.svelte.ts";
import type { EventViewState } from "./view.svelte.ts";

/** What the keys of jAER and of video players do to a player and its picture. */
export function playerKeys(player: () => Player | undefined, view: EventViewState, edges: () => readonly number[]): KeyHandler {
  return (action) => {
    const one = player();
    switch (action) {
      case "window-longer":
        view.stepWindow(true);
        return true;
      case "window-shorter":
        view.stepWindow(false);
        return true;
      case "window-kind":
        view.setKind(view.windowKind === "time" ? "count" : "time");
        return true;
      case "accumulate":
        view.accumulate = !view.accumulate;
        return true;
      case "space-time":
      case "class-3":
        view.setSpace(!view.space);
        return true;
      case "full-screen":
      case "stage":
        view.full = !view.full;
        return true;
      case "contrast-up":
        view.contrast = Math.min(8, view.contrast * 1.25);
        return true;
      case "contrast-down":
        view.contrast = Math.max(0.125, view.contrast / 1.25);
        return true;
    }
    if (action === "clear-region") {
      if (view.drawing !== undefined) view.drawing = undefined;
      else if (one?.region !== undefined) one.setRegion(undefined);
      else if (view.full) view.full = false;
      else return false;
      return true;
    }
    if (one === undefined || one.live) return false;
    const span = view.shown.spanUs;
    const { start, end } = one.range;
    const part = (one.shown.end - one.shown.start) / 50;
    switch (action) {
      case "play":
        one.toggle();
        return true;
      case "reverse":
        one.turnRound();
        return true;
      case "step-back":
        one.step(-1, span);
        return true;
      case "step-on":
        one.step(1, span);
        return true;
      case "seek-back":
      case "seek-on":
        one.seek(one.t + (action === "seek-on" ? part : -part));
        return true;
      case "seek-back-fine":
      case "seek-on-fine":
        one.seek(one.t + ((action === "seek-on-fine" ? 1 : -1) * part) / 10);
        return true;
      case "seek-back-coarse":
      case "seek-on-coarse":
        one.seek(one.t + (action === "seek-on-coarse" ? 1 : -1) * part * 10);
        return true;
      case "start":
        one.seek(one.marked?.start ?? start);
        return true;
      case "end":
        one.seek(one.marked?.end ?? end);
        return true;
      case "slower":
        one.nudgeSpeed(false);
        return true;
      case "faster":
        one.nudgeSpeed(true);
        return true;
      case "real-time":
        one.setSpeed(1);
        return true;
      case "loop":
        one.setLooping(!one.looping);
        return true;
      case "in-point":
        one.setIn(one.t);
        return true;
      case "out-point":
        one.setOut(one.t);
        return true;
      case "clear-points":
        one.mark(undefined);
        return true;
      case "marker":
        one.addMarker();
        return true;
      case "mark-previous":
        one.jump(edges(), false);
        return true;
      case "mark-next":
        one.jump(edges(), true);
        return true;
      default:
        return false;
    }
  };
}

/** The same as commands of the palette, for what has no button everywhere. */
export const viewCommands = (player: () => Player | undefined, view: EventViewState): readonly Command[] => [
  {
    id: "space-time",
    label: "Show events in space and time",
    detail: "3-D",
    group: "Commands",
    keys: [keyOf("space-time")],
    on: () => view.space,
    run: () => view.setSpace(!view.space),
  },
  {
    id: "full-screen",
    label: "Full screen",
    group: "Commands",
    keys: [keyOf("full-screen")],
    run: () => void (view.full = !view.full),
  },
  {
    id: "reverse",
    label: "Play backwards",
    group: "Commands",
    keys: [keyOf("reverse")],
    consequence: player()?.live === false ? "From here to the start" : "Open a recording first",
    run: () => {
      const one = player();
      if (one?.live === false && !one.reverse) one.turnRound();
    },
  },
];
