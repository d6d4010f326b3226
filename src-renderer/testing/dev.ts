import { mount } from "svelte";
import AppRoot from "#renderer/App.svelte";
import { App } from "#renderer/state/app.svelte.ts";
import { FakeEngine } from "./fake-engine.ts";
import { fillLibrary } from "./fake-library.ts";
import "#renderer/styles/fonts.css";
import "#renderer/styles/tokens.css";
import "#renderer/styles/base.css";

// The pages on the test double: `vite` serves this at /testing/dev.html, builds leave it out. ?empty shows the first run.
const query = new URLSearchParams(location.search);
const engine = new FakeEngine();
if (!query.has("empty")) fillLibrary(engine.library, Number(query.get("recordings") ?? 6), Number(query.get("clips") ?? 12));
const theme = query.get("theme");
if (theme === "light" || theme === "dark") engine.settings = { ...engine.settings, theme };
const target = document.getElementById("app");
if (target === null) throw new Error("dev.html has no element #app");
const app = new App(engine.client());
mount(AppRoot, { target, props: { app } });
void app.run();
