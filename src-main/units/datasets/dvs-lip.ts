import { simpleLayout } from "./simple.ts";

/**
 * DVS-Lip: 100 words as seen on the lips, train and test by different speakers (G. Tan, Y. Wang, H. Han, Y. Cao, F. Wu, Z.-J. Zha,
 * "Multi-grained spatio-temporal features perceived network for event-based lip-reading", CVPR 2022). The files do not say who
 * speaks; 30 speakers train and 10 others are the test.
 */
export const dvsLip = simpleLayout({
  id: "dvs-lip",
  label: "DVS-Lip",
  summary: "Spoken words seen on lips: train/accused/0.npy and so on (Tan et al., 2022).",
  example: "train/accused/0.npy",
  file: /^[a-z]+\/([^/]+\/)?\d+\.npy$/i,
  known: new Set(["accused", "action", "allow", "allowed", "america", "american"]),
  answers: { width: 128, height: 128 },
  sensor: { width: 128, height: 128 },
  remarks: ["Speakers of the train and test parts differ, and files do not name them: split by layout to test on new speakers."],
});
