/**
 * For each row of a batch a row of another class, drawn at random (first version of knowledge transfer, arXiv 2303.13077v1).
 * `undefined` when a batch holds one class only.
 */
export function rowsOfOtherClasses(labels: Int32Array, draw: () => number): Int32Array | undefined {
  const others = new Int32Array(labels.length);
  for (const [n, label] of labels.entries()) {
    const choices = Array.from(labels.keys()).filter((m) => labels[m] !== label);
    const chosen = choices[Math.floor(draw() * choices.length)];
    if (chosen === undefined) return undefined;
    others[n] = chosen;
  }
  return others;
}
