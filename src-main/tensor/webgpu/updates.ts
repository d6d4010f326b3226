import { offerInPlace } from "../in-place.ts";
import { lanes, mainPerIndex, type GpuDevice, type Shader } from "./device.ts";

const adamW: Shader = {
  key: "AdamW",
  arrays: ["gradient", "parameter", "m", "v"],
  writes: 1,
  integers: ["count"],
  floats: ["beta1", "beta2", "rest1", "rest2", "epsilon", "rate", "rootCorrection", "decay"],
  code: `${mainPerIndex("u.count")}
  let g = gradient[index];
  let first = u.beta1 * m[index] + u.rest1 * g;
  let second = u.beta2 * v[index] + u.rest2 * g * g;
  m[index] = first;
  v[index] = second;
  parameter[index] = parameter[index] * u.decay - u.rate * first / (sqrt(second) * u.rootCorrection + u.epsilon);
}`,
};

const running: Shader = {
  key: "running averages",
  arrays: ["stats", "mean", "variance"],
  writes: 1,
  integers: ["channels", "groups"],
  floats: ["momentum", "unbiased"],
  code: `${mainPerIndex("u.channels")}
  var a = mean[index];
  var b = variance[index];
  for (var g = 0; g < u.groups; g++) {
    a += u.momentum * (stats[g * u.channels + index] - a);
    b += u.momentum * (u.unbiased * stats[(u.groups + g) * u.channels + index] - b);
  }
  mean[index] = a;
  variance[index] = b;
}`,
};

/** AdamW and batch norm's running averages, written into the variables. */
export function registerUpdates(gpu: GpuDevice): void {
  offerInPlace("webgpu", {
    adamW: ({ beta1, beta2, epsilon, rate, rootCorrection, decay }, parameter, gradient, m, v) => {
      const written = [parameter, m, v];
      for (const variable of written) gpu.own(variable);
      gpu.run(
        adamW,
        [gradient, ...written],
        [parameter.size, beta1, beta2, 1 - beta1, 1 - beta2, epsilon, rate, rootCorrection, decay],
        gpu.spread(Math.ceil(parameter.size / lanes)),
      );
      for (const variable of written) gpu.changed(variable);
    },
    running: ({ groups, rows, momentum }, mean, variance, stats) => {
      const written = [mean, variance];
      for (const variable of written) gpu.own(variable);
      const unbiased = rows / Math.max(1, rows - 1);
      gpu.run(running, [stats, ...written], [mean.size, groups, momentum, unbiased], gpu.spread(Math.ceil(mean.size / lanes)));
      for (const variable of written) gpu.changed(variable);
    },
  });
}
