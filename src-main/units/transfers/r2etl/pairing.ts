/**
 * Which clip of its class a picture is paired with: the k-th picture of a class with clip `k mod ⌊n·ratio⌋`, n clips in
 * the class (Zhan et al., IEEE TIP 2024).
 */
export const partnerClip = (k: number, clips: number, ratio = 1): number => k % Math.max(1, Math.floor(clips * ratio));
