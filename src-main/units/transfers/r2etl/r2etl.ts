import { tf } from "#main/tensor/tf.ts";
import type { Scalar } from "@tensorflow/tfjs";
import type { ParamSpec } from "#shared/units/params.ts";
import { alignmentLoss } from "#main/tensor/alignment.ts";
import { tetLoss } from "#main/tensor/losses.ts";
import {
  augmentationParams,
  estimatorParam,
  EVENT_HEAD,
  labelsOf,
  lambdaParam,
  Means,
  modeParam,
  need,
  pictureLabelsOf,
  pictureOptions,
  pictureParams,
  rows,
  STATIC_HEAD,
} from "../common.ts";
import type { PictureOptions, Transfer } from "../transfer.ts";

/** Colours of the data sets of the published runs. */
const colours: Readonly<Record<string, PictureOptions["normalize"]>> = {
  "cifar-10": { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2023, 0.1994, 0.201] },
  "caltech-101": { mean: [0.5429, 0.5263, 0.4994], deviation: [0.2422, 0.2392, 0.2406] },
};

/** Pictures of 48 pixels with a border of 4, flipped half of the time. */
const VARIATION = { shift: 1 / 12, flip: 0.5 } as const;

const params = {
  lambdaEncoder: {
    type: "number",
    default: 0.1,
    min: 0,
    max: 10,
    label: "λ encoding",
    help: "Weight of the alignment of the two input layers. The values behind the published figures are unknown; 0.5 is the second choice.",
  },
  lambdaFeature: {
    type: "number",
    default: 0.1,
    min: 0,
    max: 10,
    label: "λ feature",
    help: "Weight of the alignment of the potentials in the last layer before the read-out.",
  },
  encoderLoss: {
    type: "choice",
    default: "cka-of-sums",
    options: ["cka-of-sums", "tcka"],
    label: "Encoding alignment",
    help: "cka-of-sums: CKA of spikes added up over time (the method). tcka: mean of CKA over the time steps.",
  },
  featureLoss: {
    type: "choice",
    default: "tcka",
    options: ["tcka", "cka-of-sums", "cka-flattened", "step-mse", "mean-mse", "mmd"],
    label: "Feature alignment",
    help: "tcka: mean of CKA over the time steps (the method). The others are its ablations.",
  },
  lambda: lambdaParam,
  target: {
    type: "number",
    default: 1,
    min: 0,
    max: 10,
    label: "Logit target",
    help: "What the regulariser of the TET loss pulls all logits to; 1 in the method.",
  },
  pairing: {
    type: "choice",
    default: "by-picture",
    options: ["by-picture", "by-clip"],
    label: "Pairs",
    help: "by-picture: every picture in turn, with the clip that its place in the class decides (the method). by-clip: every clip in turn, with a picture drawn at random.",
  },
  coding: {
    type: "choice",
    default: "still",
    options: ["still", "poisson", "edges-poisson"],
    label: "Picture coding",
    help: "still: the picture at every step (the method). poisson: at every step a random spike where the value is large, values 0 to 1. edges-poisson: the same of one part picture and nine parts edges, found with a Laplacian.",
  },
  varyPictures: {
    type: "boolean",
    default: false,
    label: "Vary pictures",
    help: "Random crop with a border of a twelfth of the side, and a flip half of the time, as in the published runs on CIFAR-10.",
  },
  colours: {
    type: "choice",
    default: "none",
    options: ["none", "cifar-10", "caltech-101"],
    label: "Colour normalisation",
    help: "Mean and deviation of each colour of a data set, taken out of the pictures, as in the published runs.",
  },
  estimator: estimatorParam,
  ...augmentationParams,
  ...pictureParams,
  mode: {
    ...modeParam,
    help: "clean: an epoch passes over the clips, like those of the other methods. reference: over the pictures, whose values are not matched, as in the published code.",
  },
} as const satisfies ParamSpec;

/**
 * Pictures and events through input layers of their own and then through one trunk and one read-out. Aligned are the
 * input layers' spikes, summed over time, and the bottleneck's potentials, step by step (R2ETL; Zhan et al., IEEE TIP
 * 2024, doi 10.1109/TIP.2024.3430043):
 *   L = TET(o_s) + TET(o_e) + λ_e·(1 − CKA(Σ_t s_enc, Σ_t e_enc)) + λ_f·(1 − (1/T)·Σ_t CKA(v_s[t], v_e[t]))
 */
export const r2etl = {
  id: "r2etl",
  label: "R2ETL: two encoders, one trunk",
  summary:
    "Gives pictures and clips input layers of their own, shares the rest, and aligns what the input layers and the last layer say (Zhan et al., IEEE TIP 2024).",
  params,
  needsSource: true,
  heads: [EVENT_HEAD, STATIC_HEAD],
  ownInput: { [STATIC_HEAD]: 3 },
  pictures: (chosen) => {
    const options = pictureOptions(chosen, "rgb");
    const normalize = colours[chosen.colours] ?? options.normalize;
    const fill = (normalize?.mean ?? []).map((mean, c) => -mean / (normalize?.deviation[c] ?? 1));
    const vary = chosen.varyPictures ? { vary: { ...VARIATION, fill: chosen.coding === "still" ? fill : [] } } : {};
    if (chosen.coding !== "still") {
      const { channels, border } = options; // values are probabilities and stay so
      return { channels, border, scale: "unit", ...(chosen.coding === "edges-poisson" && { edges: true }), ...vary };
    }
    return normalize === undefined ? { ...options, ...vary } : { ...options, scale: "unit", normalize, ...vary };
  },
  augmentation: ({ shift }) => ({ shift }),
  plan: (chosen, { network, steps, epochs, random }) => {
    const { lambdaEncoder, lambdaFeature, encoderLoss, featureLoss, lambda, target, pairing, coding, estimator, mode } = chosen;
    const draw = random("coding");
    const means = new Means();
    const align = lambdaFeature > 0;
    const encode = lambdaEncoder > 0;
    return {
      phases: [
        { name: "training", epochs, shows: "pairs", pairing, ...(mode === "reference" && { sweeps: "pictures" as const }) },
      ],
      variables: {},
      enter: () => undefined,
      prepare: ({ pictures }) => {
        if (coding === "still" || pictures === undefined) return undefined;
        for (let i = 0; i < pictures.length; i += 1) pictures[i] = draw() < (pictures[i] ?? 0) ? 1 : 0;
        return undefined;
      },
      loss: (batch) => {
        const pass = { training: true, features: align, encoder: encode };
        const pictures = network.forward(need(batch.pictures, "pictures"), { head: STATIC_HEAD, ...pass });
        const events = network.forward(need(batch.events, "events"), { head: EVENT_HEAD, ...pass });
        const tet = { lambda, target };
        const terms: Scalar[] = [
          tetLoss(rows(pictures.logits), pictureLabelsOf(batch), steps, tet),
          tetLoss(rows(events.logits), labelsOf(batch), steps, tet),
        ];
        if (encode) {
          const [s, e] = [need(pictures.encoder, "encoder spikes"), need(events.encoder, "encoder spikes")];
          const distance = alignmentLoss(encoderLoss, s, e, steps, estimator);
          means.add("encodingDistance", distance);
          terms.push(distance.mul(lambdaEncoder));
        }
        if (align) {
          const [s, e] = [need(pictures.features, "features"), need(events.features, "features")];
          const distance = alignmentLoss(featureLoss, s, e, steps, estimator);
          means.add("featureDistance", distance);
          terms.push(distance.mul(lambdaFeature));
        }
        return { loss: tf.addN<Scalar>(terms), logits: events.logits };
      },
      report: () => means.read(),
    };
  },
} satisfies Transfer<typeof params>;
