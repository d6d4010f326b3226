/** From 0 to 1 with velocity and acceleration zero at both ends (Flash, Hogan, J. Neurosci. 5, 1985). */
export function minimumJerk(share: number): number {
  const s = share < 0 ? 0 : share > 1 ? 1 : share;
  return s * s * s * (10 + s * (6 * s - 15));
}
