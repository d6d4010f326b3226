import type { App } from "#renderer/state/app.svelte.ts";
import type { Command } from "#renderer/state/commands.svelte.ts";
import { keyOf } from "#renderer/state/keys.ts";
import { places } from "#renderer/state/route.svelte.ts";
import type { KeyHandler } from "#renderer/state/shortcuts.svelte.ts";
import { palettes, themes } from "#renderer/words/choices.ts";
import { words } from "#renderer/words.ts";

/** Commands that exist on every page. */
export function shellCommands(app: App): readonly Command[] {
  const command = (id: string, label: string, run: Command["run"], more: Partial<Command> = {}): Command => ({
    id,
    label,
    group: "Commands",
    run,
    ...more,
  });
  return [
    ...places.map((place) => command(`go-${place}`, `Go to ${words.places[place]}`, () => app.router.go(place))),
    command("undo", "Undo", () => app.undo(), { keys: [keyOf("undo")] }),
    command("redo", "Redo", () => app.redo(), { keys: ["Mod+Shift+Z"] }),
    command("shortcuts", "Show the shortcuts", () => void (app.overlay = "shortcuts"), { keys: ["?"] }),
    command("cameras", "Connect a camera", () => void (app.overlay = "cameras"), {
      detail: "What is plugged in, and what it lacks",
    }),
    command("help", "Open the help", () => void (app.overlay = "help")),
    command("settings", "Open the settings", () => void (app.overlay = "settings")),
    command("demo", words.library.openDemo, async () => {
      await app.attempt((engine) => engine.workspace.openDemo());
      app.router.go("library");
    }),
    ...themes.map((theme) =>
      command(`theme-${theme.value}`, `Theme: ${theme.label}`, () => app.set({ theme: theme.value }), { group: "Settings" }),
    ),
    ...palettes.map((palette) =>
      command(`palette-${palette.value}`, `Palette: ${palette.label}`, () => app.set({ palette: palette.value }), {
        group: "Settings",
      }),
    ),
    command("single-keys", "Single-letter keys", () => app.set({ singleKeys: !app.settings.singleKeys }), {
      group: "Settings",
      on: () => app.settings.singleKeys,
    }),
    command("reduced-motion", "Reduced motion", () => app.set({ reducedMotion: !app.settings.reducedMotion }), {
      group: "Settings",
      on: () => app.settings.reducedMotion,
    }),
    command("projector", "Projector theme", () => void (app.projector = !app.projector), {
      group: "Settings",
      detail: "Brighter inks, larger scale",
      on: () => app.projector,
    }),
  ];
}

/** Keys that work on every page, asked after the page's own. */
export function shellKeys(app: App): KeyHandler {
  return (action) => {
    switch (action) {
      case "search":
        app.overlay = app.overlay === "palette" ? undefined : "palette";
        return true;
      case "shortcuts":
        app.overlay = "shortcuts";
        return true;
      case "undo":
        void app.undo();
        return true;
      case "redo":
        void app.redo();
        return true;
      case "palette-next": {
        const at = palettes.findIndex((palette) => palette.value === app.settings.palette);
        const next = palettes[(at + 1) % palettes.length];
        if (next !== undefined) {
          void app.set({ palette: next.value });
          app.toasts.show(`Palette: ${next.label}`);
        }
        return true;
      }
      case "next-area":
        nextArea();
        return true;
      default:
        return false;
    }
  };
}

/** Moves the focus to the first control of the next area of the window. */
function nextArea(): void {
  const areas = [...document.querySelectorAll<HTMLElement>("[data-area]")];
  const now = areas.findIndex((area) => area.contains(document.activeElement));
  for (let step = 1; step <= areas.length; step++) {
    const area = areas[(now + step + areas.length) % areas.length];
    const first = area?.querySelector<HTMLElement>('a[href],button:not([disabled]),input,[tabindex="0"]');
    if (first) {
      first.focus();
      return;
    }
  }
}
