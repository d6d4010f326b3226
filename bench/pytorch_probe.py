"""The probe network of src-main/units/backends/bench-train.ts in PyTorch, for comparison on one thread.

usage: python3 bench/pytorch_probe.py [steps] [steps T, batch, size, per-step 0|1, channels...]
Prints one line of JSON: library, median and fastest step and CPU time per step in milliseconds, last loss.
"""

import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)


class Spike(torch.autograd.Function):
    """Strict step forward, quadratic gate with alpha 2 backward."""

    @staticmethod
    def forward(ctx, u):
        ctx.save_for_backward(u)
        return (u > 0).float()

    @staticmethod
    def backward(ctx, gradient):
        (u,) = ctx.saved_tensors
        return gradient * torch.clamp(2 - 4 * u.abs(), min=0)


def lif(x, steps):
    """Neuron with tau 2, threshold 0.5, hard reset without gradient; x is [T*N, C, H, W], T slowest."""
    inputs = x.view(steps, -1, *x.shape[1:])
    v = torch.zeros_like(inputs[0])
    spikes = []
    for t in range(steps):
        pre = v + (inputs[t] - v) * 0.5
        s = Spike.apply(pre - 0.5)
        v = pre * (1 - s.detach())
        spikes.append(s)
    return torch.cat(spikes)


class Network(nn.Module):
    def __init__(self, steps, size, per_step, channels, classes):
        super().__init__()
        self.steps, self.per_step = steps, per_step
        pairs = list(zip(channels[:-1], channels[1:]))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairs)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for _, b in pairs)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
        side = size >> len(pairs)
        self.head = nn.Linear(channels[-1] * side * side, classes)

    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms):
            z = conv(x)
            z = torch.cat([norm(part) for part in z.chunk(self.steps)]) if self.per_step else norm(z)
            x = nn.functional.avg_pool2d(lif(z, self.steps), 2)
        logits = self.head(x.flatten(1))
        return logits.view(self.steps, -1, logits.shape[1]).mean(0)


def main():
    arguments = [int(value) for value in sys.argv[1:]]
    rounds = arguments[0] if arguments else 15
    steps, batch, size, per_step, *channels = arguments[1:] or [4, 8, 48, 0, 2, 16, 32, 64]
    network = Network(steps, size, per_step == 1, channels, 10)
    matrices = [p for p in network.parameters() if p.dim() >= 2]
    others = [p for p in network.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=1e-3
    )
    x = (torch.rand(steps * batch, channels[0], size, size) > 0.9).float()
    labels = torch.arange(batch) % 10
    times = []
    cpu_start = 0.0
    for i in range(rounds + 3):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(network(x), labels)
        loss.backward()
        optimizer.step()
        value = loss.item()
        if i == 2:
            cpu_start = time.process_time()
        if i >= 3:
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    print(
        json.dumps(
            {
                "library": f"PyTorch {torch.__version__}, 1 thread",
                "medianMs": times[len(times) // 2],
                "fastestMs": times[0],
                "cpuMs": (time.process_time() - cpu_start) * 1000 / rounds,
                "loss": value,
            }
        )
    )


main()
