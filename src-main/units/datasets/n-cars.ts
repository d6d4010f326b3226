import { simpleLayout } from "./simple.ts";

/**
 * N-Cars: cars and other things of the street, cut out and 0.1 s long (A. Sironi, M. Brambilla, N. Bourdis, X. Lagorce,
 * R. Benosman, "HATS: histograms of averaged time surfaces for robust event-based object classification", CVPR 2018).
 */
export const nCars = simpleLayout({
  id: "n-cars",
  label: "N-Cars",
  summary: "Cars and background in street scenes: n-cars_train/cars/obj_000000_td.dat and so on (Sironi et al., 2018).",
  example: "n-cars_train/cars/obj_000000_td.dat",
  file: /^(cars?|background)\/[^/]+\.dat$/i,
  sensor: "each",
  remarks: ["Every clip has a size of its own: the files do not say one, so it is taken from the largest coordinates."],
});
