import type { CameraAccessPlan } from "#shared/api/engine-api.ts";
import { toAppError, type AppError } from "#shared/api/errors.ts";
import type { App } from "./app.svelte.ts";

/** Giving access to one camera: first what would be done is shown, then it is done, each on a click. */
export class CameraAccess {
  plan = $state.raw<CameraAccessPlan | undefined>();
  failure = $state.raw<AppError | undefined>();
  working = $state(false);
  done = $state(false);
  readonly #app: App;
  readonly #deviceId: string;

  constructor(app: App, deviceId: string) {
    this.#app = app;
    this.#deviceId = deviceId;
  }

  async #ask(work: () => Promise<void>): Promise<void> {
    this.working = true;
    this.failure = undefined;
    try {
      await work();
    } catch (error) {
      this.failure = toAppError(error);
    } finally {
      this.working = false;
    }
  }

  /** What would be written where, and who is asked. Changes nothing. */
  look(): Promise<void> {
    return this.#ask(async () => {
      this.plan = await this.#app.use().devices.accessPlan(this.#deviceId);
    });
  }

  /** Installs what `look` has shown. */
  install(): Promise<void> {
    return this.#ask(async () => {
      const { plan } = this;
      if (plan?.method === undefined) return;
      await this.#app.use().devices.grantAccess(this.#deviceId, plan.rule.line);
      this.done = true;
    });
  }
}
