import type { EventViewState } from "./view.svelte.ts";

/**
 * Gives what it is put on the whole window while `view.full` says so, and asks the system for the whole screen. Where that is
 * refused the window alone is filled. Leaving full screen by the system's own key ends it too.
 */
export const fullScreen =
  (view: EventViewState) =>
  (node: HTMLElement): (() => void) | undefined => {
    if (!view.full) return undefined;
    node.classList.add("full-screen");
    const left = (): void => {
      if (document.fullscreenElement === null) view.full = false;
    };
    // The refusal needs no answer: the class has filled the window already.
    document.documentElement.requestFullscreen().then(
      () => document.addEventListener("fullscreenchange", left),
      () => undefined,
    );
    return () => {
      document.removeEventListener("fullscreenchange", left);
      node.classList.remove("full-screen");
      if (document.fullscreenElement !== null) void document.exitFullscreen();
    };
  };
