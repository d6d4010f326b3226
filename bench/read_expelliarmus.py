"""Reads a recording with expelliarmus (PyPI) several times: prints "events seconds" for the fastest pass.

usage: read_expelliarmus.py ENCODING FILE PASSES [OUT]
With OUT, all events are also written there: int64 t, int16 x, int16 y, uint8 p, packed.
"""

import sys
import time

import numpy
from expelliarmus import Wizard

encoding, path, passes = sys.argv[1], sys.argv[2], int(sys.argv[3])
best = float("inf")
events = None
for _ in range(passes):
    wizard = Wizard(encoding=encoding)
    wizard.set_file(path)
    began = time.perf_counter()
    events = wizard.read()
    best = min(best, time.perf_counter() - began)
if len(sys.argv) > 4:
    packed = numpy.empty(len(events), dtype=[("t", "<i8"), ("x", "<i2"), ("y", "<i2"), ("p", "u1")])
    for name in ("t", "x", "y", "p"):
        packed[name] = events[name]
    packed.tofile(sys.argv[4])
print(len(events), best)
