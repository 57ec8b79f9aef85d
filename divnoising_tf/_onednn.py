"""Convolutions by oneDNN also where TensorFlow leaves it out: processors without AVX-512."""

import os
import platform
import sys

_SWITCH = "TF_ENABLE_ONEDNN_OPTS"
_MACHINES = {"x86_64", "amd64"}


def prefer_onednn() -> None:
    """Switch oneDNN on, unless the user has decided or TensorFlow is there already.

    TensorFlow reads its switch while it is imported. By itself it takes oneDNN only on processors
    with AVX-512; docs/speed.md has what that costs the others.
    """
    if "tensorflow" not in sys.modules and platform.machine().lower() in _MACHINES:
        os.environ.setdefault(_SWITCH, "1")
