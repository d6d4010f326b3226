import { elements, named } from "../replace-kernel.ts";
import { replaceKernel, type WasmTools } from "./register.ts";

const floats = (count: number): number => Math.ceil(count / 4) * 16;

/** Batched matrix products, transposed or not, without XNNPACK's cache of packed weights. */
export function registerMatMul({ heap, kernels }: WasmTools): void {
  replaceKernel("BatchMatMul", (inputs, attrs) => {
    const a = named(inputs, "a");
    const b = named(inputs, "b");
    const transposeA = attrs["transposeA"] === true;
    const transposeB = attrs["transposeB"] === true;
    const [aRows = 1, aColumns = 1] = a.shape.slice(-2);
    const [bRows = 1, bColumns = 1] = b.shape.slice(-2);
    const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
    const n = transposeB ? bRows : bColumns;
    const batchesA = elements(a.shape.slice(0, -2));
    const batchesB = elements(b.shape.slice(0, -2));
    // Broadcasting of several batch dimensions is rare enough for the stock kernel.
    if (batchesA !== batchesB && batchesA !== 1 && batchesB !== 1) return undefined;
    if (k !== (transposeB ? bColumns : bRows) || k === 0 || m === 0 || n === 0) return undefined;
    const batchShape = batchesA >= batchesB ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
    const packedBytes = floats(Math.ceil(n / 8) * 8 * k);
    const out = heap.output([...batchShape, m, n]);
    const packed = heap.scratch(packedBytes + (transposeA ? floats(m * k) : 0));
    for (let batch = 0; batch < Math.max(batchesA, batchesB); batch++) {
      const atA = heap.at(a) + (batchesA === 1 ? 0 : batch * m * k * 4);
      const atB = heap.at(b) + (batchesB === 1 ? 0 : batch * k * n * 4);
      if (batch === 0 || batchesB > 1) kernels.packWeights(atB, packed, k, n, transposeB ? 1 : n, transposeB ? k : 1);
      if (transposeA && (batch === 0 || batchesA > 1)) kernels.transpose(atA, packed + packedBytes, k, m);
      kernels.matMul(transposeA ? packed + packedBytes : atA, packed, heap.at(out) + batch * m * n * 4, m, k, n);
    }
    return out;
  });
}
