/** Everything a key can do, by name; pages say what it means for them. */
export type KeyAction = {
  readonly id: string;
  readonly label: string;
  readonly group: "Play" | "Window" | "Mark" | "Picture" | "Label and record" | "Application";
  /** As `combo` writes them. */
  readonly keys: readonly string[];
};

/** Default keys. They follow jAER where it has a key, and the common video players elsewhere. */
export const keyActions = [
  { id: "play", label: "Play or pause; live: freeze the picture", group: "Play", keys: ["Space"] },
  { id: "step-back", label: "One slice back", group: "Play", keys: [","] },
  { id: "step-on", label: "One slice on", group: "Play", keys: ["."] },
  { id: "seek-back", label: "Seek back", group: "Play", keys: ["ArrowLeft"] },
  { id: "seek-on", label: "Seek on", group: "Play", keys: ["ArrowRight"] },
  { id: "seek-back-fine", label: "Seek back, fine", group: "Play", keys: ["Shift+ArrowLeft"] },
  { id: "seek-on-fine", label: "Seek on, fine", group: "Play", keys: ["Shift+ArrowRight"] },
  { id: "seek-back-coarse", label: "Seek back, coarse", group: "Play", keys: ["Alt+ArrowLeft"] },
  { id: "seek-on-coarse", label: "Seek on, coarse", group: "Play", keys: ["Alt+ArrowRight"] },
  { id: "reverse", label: "Play backwards; again: forwards", group: "Play", keys: ["B"] },
  { id: "start", label: "Go to the start", group: "Play", keys: ["Home"] },
  { id: "end", label: "Go to the end; live: follow", group: "Play", keys: ["End"] },
  { id: "slower", label: "Slower", group: "Play", keys: ["["] },
  { id: "faster", label: "Faster", group: "Play", keys: ["]"] },
  { id: "real-time", label: "Real time", group: "Play", keys: ["\\"] },
  { id: "loop", label: "Loop", group: "Play", keys: ["L"] },
  { id: "window-longer", label: "Longer window", group: "Window", keys: ["+", "="] },
  { id: "window-shorter", label: "Shorter window", group: "Window", keys: ["-"] },
  { id: "window-kind", label: "Window by time or by count", group: "Window", keys: ["T"] },
  { id: "in-point", label: "Set the in point", group: "Mark", keys: ["I"] },
  { id: "out-point", label: "Set the out point", group: "Mark", keys: ["O"] },
  { id: "clear-points", label: "Clear in and out", group: "Mark", keys: ["X"] },
  { id: "marker", label: "Set a marker", group: "Mark", keys: ["M"] },
  { id: "mark-previous", label: "Previous marker or edge", group: "Mark", keys: ["J"] },
  { id: "mark-next", label: "Next marker or edge", group: "Mark", keys: ["K"] },
  { id: "palette-next", label: "Next palette", group: "Picture", keys: ["C"] },
  { id: "accumulate", label: "Keep accumulating", group: "Picture", keys: ["P"] },
  { id: "contrast-up", label: "More contrast", group: "Picture", keys: ["ArrowUp"] },
  { id: "contrast-down", label: "Less contrast", group: "Picture", keys: ["ArrowDown"] },
  { id: "space-time", label: "2-D or 3-D; 3 too while nothing is to be labelled", group: "Picture", keys: ["D"] },
  { id: "clear-region", label: "Remove the region", group: "Picture", keys: ["Escape"] },
  { id: "full-screen", label: "Full screen", group: "Picture", keys: ["F"] },
  { id: "record", label: "Record, stop", group: "Label and record", keys: ["R"] },
  { id: "accept", label: "Accept and next", group: "Label and record", keys: ["Enter"] },
  { id: "reject", label: "Reject, remove", group: "Label and record", keys: ["Backspace"] },
  { id: "confirm", label: "Start what the page is for", group: "Application", keys: ["Mod+Enter"] },
  { id: "search", label: "Commands, recordings, settings", group: "Application", keys: ["Mod+K"] },
  { id: "shortcuts", label: "This sheet", group: "Application", keys: ["?"] },
  { id: "stage", label: "Stage mode; elsewhere full screen", group: "Application", keys: ["F11"] },
  { id: "undo", label: "Undo", group: "Application", keys: ["Mod+Z"] },
  { id: "redo", label: "Redo", group: "Application", keys: ["Mod+Shift+Z", "Mod+Y"] },
  { id: "next-area", label: "Next area of the window", group: "Application", keys: ["F6"] },
] as const satisfies readonly KeyAction[];

/** A named action, or a class key `class-1` … `class-9`, `class-0`. */
export type KeyActionId = (typeof keyActions)[number]["id"] | `class-${number}`;

/** What of a keyboard event matters here. */
export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** The canonical name of a key press: `Mod+Shift+Z`, `Space`, `?`. Mod is Ctrl or Cmd. */
export function combo(event: KeyPress): string {
  const { key } = event;
  if (key === "Control" || key === "Shift" || key === "Alt" || key === "Meta") return key;
  const letter = key.length === 1 && /\p{L}/u.test(key);
  const named = key === " " ? "Space" : letter ? key.toUpperCase() : key;
  // A sign that needs Shift on this keyboard ("?") already says so; letters and named keys do not.
  const shift = event.shiftKey && (letter || named.length > 1);
  const mod = event.ctrlKey || event.metaKey;
  return `${mod ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${named}`;
}

/** The digit of a number key, also with Shift held (where `key` is a sign). */
export function digitOf(event: KeyPress): number | undefined {
  const match = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  return match?.[1] === undefined ? (/^\d$/.test(event.key) ? Number(event.key) : undefined) : Number(match[1]);
}

const byCombo = new Map<string, KeyActionId>(
  keyActions.flatMap((action): [string, KeyActionId][] => action.keys.map((key) => [key, action.id])),
);

/** Keys that work without Ctrl, Cmd or Alt and are one character: they can be switched off. */
export const isSingle = (keys: string): boolean => [...keys].length === 1;

/** What a key press asks for, or undefined. */
export function actionOf(event: KeyPress, options: { readonly singleKeys: boolean }): KeyActionId | undefined {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) {
    const digit = digitOf(event);
    if (digit !== undefined) return options.singleKeys ? `class-${digit}` : undefined;
  }
  const pressed = combo(event);
  if (isSingle(pressed) && pressed !== "?" && !options.singleKeys) return undefined;
  return byCombo.get(pressed);
}

/** Whether the press belongs to a field or a widget that uses the key itself. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range", "submit"].includes(target.type);
}

/**
 * Whether a focused control uses this key itself. Space and Enter belong to a button only when the keyboard has brought
 * the focus there: after a click on a clip, Space plays.
 */
export function ownsKey(target: EventTarget | null, pressed: string, byKeyboard: boolean): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const role = target.getAttribute("role") ?? "";
  if (/(Arrow|Home|End)/.test(pressed))
    return ["slider", "radio", "tab", "option", "gridcell", "menuitem", "separator"].includes(role);
  if (!byKeyboard || (pressed !== "Space" && pressed !== "Enter")) return false;
  return (
    target instanceof HTMLButtonElement ||
    target instanceof HTMLAnchorElement ||
    ["button", "switch", "radio", "checkbox", "menuitem"].includes(role)
  );
}

const mac = (): boolean => typeof navigator !== "undefined" && /Mac/.test(navigator.platform);
const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Enter: "↵",
  "-": "−",
};

/** The caps to draw for a combination: `["Ctrl", "K"]`. */
export const capsOf = (keys: string): string[] =>
  (keys === "+" ? ["+"] : keys.split("+")).map((key) => (key === "Mod" ? (mac() ? "⌘" : "Ctrl") : (NAMES[key] ?? key)));

/** The first key of an action, for tooltips. */
export const keyOf = (id: (typeof keyActions)[number]["id"]): string =>
  keyActions.find((action) => action.id === id)?.keys[0] ?? "";
