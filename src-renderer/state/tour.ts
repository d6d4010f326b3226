import type { Place } from "./route.svelte.ts";

/** One step of the walk through the demo project. */
export interface TourStep {
  readonly title: string;
  readonly page: Place;
  readonly minutes: number;
  /** One line for Home. */
  readonly short: string;
  /** What to do, on the page itself. */
  readonly text: string;
}

/** Play, label, train, live: the whole of the product in its own order. */
export const tour: readonly TourStep[] = [
  {
    title: "Play",
    page: "library",
    minutes: 2,
    short: "Slow a gesture down a hundred times and look at single events.",
    text: "Choose a clip and press Space. Slow it down with [, make the window longer with +, step with the comma and the full stop.",
  },
  {
    title: "Label",
    page: "library",
    minutes: 2,
    short: "Give the unlabelled clips their class, cut one long stream.",
    text: "Open Unlabelled on the left. Press the number of the class; Enter goes on to the next clip. In the long stream set I and O, then press the number. Ctrl+Z takes it back.",
  },
  {
    title: "Train",
    page: "train",
    minutes: 2,
    short: "One press: knowledge from pictures, with a control run beside it.",
    text: "My pictures is chosen already. Press Start training and watch the two curves: with transfer, and from scratch. You can stop at any time and keep the best.",
  },
  {
    title: "Show it live",
    page: "live",
    minutes: 3,
    short: "The virtual camera shows hands, the model answers.",
    text: "The virtual camera shows one hand shape after the other. Move the threshold and watch the answer become calmer or quicker.",
  },
];
