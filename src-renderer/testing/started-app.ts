import { App } from "#renderer/state/app.svelte.ts";
import type { FakeEngine } from "./fake-engine.ts";

/** The application's state, connected to a test double. `settle` lets timers and promises run. */
export async function startedApp(
  engine: FakeEngine,
  settle: () => Promise<unknown> = () => new Promise((resolve) => setTimeout(resolve, 5)),
): Promise<App> {
  const app = new App(engine.client());
  void app.run();
  for (let turn = 0; turn < 50 && app.connection !== "open"; turn++) await settle();
  if (app.connection !== "open") throw new Error("the test double did not connect");
  return app;
}
