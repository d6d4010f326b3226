// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { actionOf, capsOf, combo, keyActions, ownsKey, takesText, type KeyPress } from "./keys.ts";
import { Shortcuts } from "./shortcuts.svelte.ts";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});
const on = { singleKeys: true };
const off = { singleKeys: false };

describe("the keymap", () => {
  it("gives every combination to one action only", () => {
    const all = keyActions.flatMap((action) => [...action.keys]);
    expect(new Set(all).size).toBe(all.length);
  });

  it("names presses the same on every keyboard", () => {
    expect(combo(press("k", { ctrlKey: true }))).toBe("Mod+K");
    expect(combo(press("Z", { metaKey: true, shiftKey: true }))).toBe("Mod+Shift+Z");
    expect(combo(press("?", { shiftKey: true }))).toBe("?");
    expect(combo(press("ArrowLeft", { shiftKey: true }))).toBe("Shift+ArrowLeft");
    expect(combo(press(" "))).toBe("Space");
  });

  it("follows jAER and the video players", () => {
    expect(actionOf(press(" "), on)).toBe("play");
    expect(actionOf(press(","), on)).toBe("step-back");
    expect(actionOf(press("i"), on)).toBe("in-point");
    expect(actionOf(press("="), on)).toBe("window-longer");
    expect(actionOf(press("ArrowRight", { altKey: true }), on)).toBe("seek-on-coarse");
    expect(actionOf(press("y", { ctrlKey: true }), on)).toBe("redo");
  });

  it("reads class keys from the key and not from what Shift makes of it", () => {
    expect(actionOf(press("!", { code: "Digit1", shiftKey: true }), on)).toBe("class-1");
    expect(actionOf(press("0", { code: "Digit0" }), on)).toBe("class-0");
    expect(actionOf(press("4", { code: "Numpad4" }), on)).toBe("class-4");
    expect(actionOf(press("1", { code: "Digit1", ctrlKey: true }), on)).toBeUndefined();
  });

  it("leaves keys with a name or a modifier when single letters are switched off", () => {
    expect(actionOf(press("r"), off)).toBeUndefined();
    expect(actionOf(press("1", { code: "Digit1" }), off)).toBeUndefined();
    expect(actionOf(press("Enter"), off)).toBe("accept");
    expect(actionOf(press("k", { ctrlKey: true }), off)).toBe("search");
    expect(actionOf(press("?", { shiftKey: true }), off)).toBe("shortcuts");
  });

  it("draws caps", () => {
    expect(capsOf("Mod+Shift+Z")).toEqual(["Ctrl", "Shift", "Z"]);
    expect(capsOf("+")).toEqual(["+"]);
    expect(capsOf("ArrowLeft")).toEqual(["←"]);
  });
});

describe("who a key belongs to", () => {
  const element = (html: string): Element => {
    document.body.innerHTML = html;
    const first = document.body.firstElementChild;
    if (first === null) throw new Error("no element");
    return first;
  };

  it("knows fields for text", () => {
    expect(takesText(element(`<input type="text" />`))).toBe(true);
    expect(takesText(element(`<textarea></textarea>`))).toBe(true);
    expect(takesText(element(`<input type="checkbox" />`))).toBe(false);
    expect(takesText(element(`<button></button>`))).toBe(false);
  });

  it("leaves Space to buttons that the keyboard has reached, and arrows to sliders", () => {
    expect(ownsKey(element(`<button></button>`), "Space", true)).toBe(true);
    expect(ownsKey(element(`<button></button>`), "Space", false)).toBe(false);
    expect(ownsKey(element(`<button></button>`), "R", true)).toBe(false);
    expect(ownsKey(element(`<span role="slider"></span>`), "ArrowLeft", false)).toBe(true);
  });

  it("plays on Space after a click on a button, and presses the button after Tab", () => {
    const shortcuts = new Shortcuts();
    let played = 0;
    shortcuts.add(() => void (played += 1));
    const button = element(`<button></button>`);
    const send = (key: string): boolean => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, "target", { value: button });
      shortcuts.handleDown(event);
      return event.defaultPrevented;
    };
    shortcuts.handlePointer();
    expect(send(" ")).toBe(true);
    expect(played).toBe(1);
    send("Tab");
    expect(send(" ")).toBe(false);
    expect(played).toBe(1);
  });

  it("asks the handler that came last first, and stops when the key is used", () => {
    const shortcuts = new Shortcuts();
    const seen: string[] = [];
    shortcuts.add((action) => void seen.push(`shell ${action}`));
    const remove = shortcuts.add((action) => (action === "play" ? void seen.push("page play") : false));
    const send = (key: string, target: Element = element("<p></p>")): void => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, "target", { value: target });
      shortcuts.handleDown(event);
    };
    send(" ");
    send("m");
    send("m", element(`<input type="text" />`));
    expect(seen).toEqual(["page play", "shell marker"]);
    remove();
    send(" ");
    expect(seen.at(-1)).toBe("shell play");
  });
});
