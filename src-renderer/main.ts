import { mount } from "svelte";
import AppRoot from "./App.svelte";
import { createClient } from "./client.ts";
import { App } from "./state/app.svelte.ts";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no element #app");
const app = new App(createClient());
mount(AppRoot, { target, props: { app } });
void app.run();
