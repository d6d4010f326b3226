import type { DemoTourStep } from "#shared/api/demo.ts";

/** What the tour says. `target` names recordings by their path. */
export const tour = (clip: string, stream: string): DemoTourStep[] => [
  {
    title: "Play",
    text: "Slow a gesture down a thousand times and look at single events. Amber is brighter, blue is darker.",
    minutes: 2,
    page: "library",
    target: clip,
  },
  {
    title: "Label",
    text: "Give the unlabelled clips their class with the keys 1 to 5, then cut the long stream by its activity.",
    minutes: 2,
    page: "library",
    target: stream,
  },
  {
    title: "Train",
    text: "Start one run. The network first learns hands from ordinary pictures, then from the clips; the control run beside it learns from the clips alone.",
    minutes: 3,
    page: "train",
  },
  {
    title: "Show it live",
    text: "The virtual camera shows a drawn hand, and the model names the gesture. Press the right number when it is wrong.",
    minutes: 5,
    page: "live",
    target: stream,
  },
];
