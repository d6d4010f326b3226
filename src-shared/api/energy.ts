/*
 * What operations cost on hardware that computes only where there are spikes. Constants of one publication, so that estimates can
 * be compared with those of the literature; nothing here is measured on this machine.
 */

/** Energy of an accumulation and of a multiply-accumulation, pJ: 45 nm, 32 bit float. */
export const PICOJOULE_PER_AC = 0.9;
export const PICOJOULE_PER_MAC = 4.6;

/** Where the constants come from; shown wherever an energy is. */
export const ENERGY_SOURCE =
  "M. Horowitz, “Computing's energy problem (and what we can do about it)”, ISSCC 2014, doi 10.1109/ISSCC.2014.6757323 (45 nm, 32-bit floating point)";

/** Energy of a decision, µJ. */
export const microjouleOf = (accumulations: number, multiplications: number): number =>
  (accumulations * PICOJOULE_PER_AC + multiplications * PICOJOULE_PER_MAC) / 1e6;
