import type { RibbonColumn } from "#renderer/state/live.svelte.ts";

/** Colours the ribbon is drawn with, read from the tokens. */
export interface RibbonInk {
  readonly on: string;
  readonly off: string;
  readonly ink: string;
  readonly ink3: string;
  readonly line: string;
  readonly line2: string;
  /** One a class. */
  readonly classes: readonly string[];
}

/** Heights of the lanes in CSS pixels, from the top. */
export const lanes = { events: 56, bins: 32, spikes: 20, evidence: 104, answer: 28, gap: 8 } as const;

/** Where lanes begin, and the height of all of them. */
export function layoutOf(layers: readonly string[]): {
  readonly tops: Readonly<Record<string, number>>;
  readonly height: number;
} {
  const tops: Record<string, number> = {};
  let y = 0;
  const place = (name: string, height: number): void => {
    tops[name] = y;
    y += height + lanes.gap;
  };
  place("events", lanes.events);
  place("bins", lanes.bins);
  for (const layer of layers) place(layer, lanes.spikes);
  place("evidence", lanes.evidence);
  place("answer", lanes.answer);
  return { tops, height: y - lanes.gap };
}

/** Steps of 1, 2, 5 × 10ⁿ, so that the scale of the rate lane rests. */
export function scaleTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}

/** A stretch of one answer. */
export interface AnswerSpan {
  readonly from: number;
  readonly to: number;
  readonly answer: number | undefined;
}

/** The answers as stretches, each reaching to the begin of the next. */
export function answerSpans(columns: readonly RibbonColumn[]): readonly AnswerSpan[] {
  const spans: AnswerSpan[] = [];
  for (const { prediction, decision } of columns) {
    const last = spans.at(-1);
    if (last !== undefined && last.answer === decision.answer) spans[spans.length - 1] = { ...last, to: prediction.t };
    else {
      if (last !== undefined) spans[spans.length - 1] = { ...last, to: prediction.t };
      spans.push({ from: prediction.t, to: prediction.t, answer: decision.answer });
    }
  }
  return spans;
}

interface Frame {
  readonly columns: readonly RibbonColumn[];
  readonly layers: readonly string[];
  /** Span shown, µs, ending at the newest column. */
  readonly spanUs: number;
  readonly strideUs: number;
  readonly windowUs: number;
  readonly threshold: number;
  readonly width: number;
  readonly ratio: number;
}

/** Draws all lanes; the x axis is the same for all, now at the right edge. */
export function drawRibbon(context: CanvasRenderingContext2D, frame: Frame, ink: RibbonInk): void {
  const { columns, layers, spanUs, strideUs, windowUs, threshold, width, ratio } = frame;
  const { tops, height } = layoutOf(layers);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const now = columns.at(-1)?.prediction.t ?? 0;
  const xOf = (t: number): number => width * (1 - (now - t) / spanUs);
  const column = Math.max(1, (width * strideUs) / spanUs);

  const rate = (count: number): number => (count * 1e6) / Math.max(1, windowUs);
  const top = scaleTop(Math.max(1, ...columns.map(({ prediction }) => rate(Math.max(prediction.on, prediction.off)))));
  const base = (tops["events"] ?? 0) + 0.55 * lanes.events;
  for (const { prediction } of columns) {
    const x = xOf(prediction.t) - column;
    const up = (rate(prediction.on) / top) * 0.55 * lanes.events;
    const down = (rate(prediction.off) / top) * 0.45 * lanes.events;
    context.fillStyle = ink.on;
    context.fillRect(x, base - up, column + 0.5, up);
    context.fillStyle = ink.off;
    context.fillRect(x, base, column + 0.5, down);
  }
  context.fillStyle = ink.line2;
  context.fillRect(0, base, width, 1);

  const most = Math.max(
    1,
    ...columns.flatMap(({ prediction }) => [...(prediction.bins?.on ?? []), ...(prediction.bins?.off ?? [])]),
  );
  for (const { prediction } of columns) {
    const { bins } = prediction;
    if (bins === undefined) continue;
    // Only the newest bin of each window: the older ones belong to the windows before it.
    const x = xOf(prediction.t) - column;
    for (const [row, values, color] of [
      [0, bins.on, ink.on],
      [1, bins.off, ink.off],
    ] as const) {
      context.globalAlpha = Math.min(1, (values.at(-1) ?? 0) / most);
      context.fillStyle = color;
      context.fillRect(x, (tops["bins"] ?? 0) + row * (lanes.bins / 2), column - 0.5, lanes.bins / 2 - 1);
    }
    context.globalAlpha = 1;
  }

  context.fillStyle = ink.ink;
  for (const layer of layers) {
    const y = tops[layer] ?? 0;
    for (const { prediction } of columns) {
      const share = Math.min(1, prediction.spikeRates?.[layer] ?? 0);
      const x = xOf(prediction.t) - column;
      context.globalAlpha = 0.15 + 0.85 * share;
      context.fillRect(x, y + lanes.spikes * (1 - share), Math.max(1, column - 0.5), lanes.spikes * share);
    }
    context.globalAlpha = 1;
  }

  const evidence = tops["evidence"] ?? 0;
  const level = (score: number): number => evidence + lanes.evidence * (1 - score);
  context.strokeStyle = ink.line2;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(0, level(threshold));
  context.lineTo(width, level(threshold));
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 1.75;
  for (const [index, color] of ink.classes.entries()) {
    context.strokeStyle = color;
    context.beginPath();
    for (const [i, { decision }] of columns.entries()) {
      const x = xOf(decision.t);
      const y = level(decision.smoothed[index] ?? 0);
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }
  context.lineWidth = 1;

  const y = tops["answer"] ?? 0;
  for (const span of answerSpans(columns)) {
    const from = xOf(span.from);
    const to = xOf(span.to);
    const color = span.answer === undefined ? undefined : ink.classes[span.answer];
    if (color === undefined) {
      context.strokeStyle = ink.line2;
      context.strokeRect(from + 0.5, y + 0.5, Math.max(0, to - from - 1), lanes.answer - 1);
      context.save();
      context.beginPath();
      context.rect(from, y, to - from, lanes.answer);
      context.clip();
      context.beginPath();
      for (let x = from - lanes.answer; x < to; x += 8) {
        context.moveTo(x, y + lanes.answer);
        context.lineTo(x + lanes.answer, y);
      }
      context.strokeStyle = ink.line;
      context.stroke();
      context.restore();
    } else {
      context.globalAlpha = 0.26;
      context.fillStyle = color;
      context.fillRect(from, y, to - from, lanes.answer);
      context.globalAlpha = 1;
      context.fillRect(from, y, 2, lanes.answer);
    }
  }
}
