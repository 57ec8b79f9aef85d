"""How much memory this process may still take."""

import contextlib
import os
from pathlib import Path

_CONTROL_GROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return the bytes that can be taken before the machine, or a container, runs out.

    Example:
        >>> free_memory() > 0
        True
    """
    free = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with contextlib.suppress(OSError, ValueError, IndexError):
        line = Path("/proc/meminfo").read_text().split("MemAvailable:")[1].split()[0]
        free.append(int(line) * 1024)
    with contextlib.suppress(OSError, ValueError):
        limit = int((_CONTROL_GROUP / "memory.max").read_text())
        free.append(limit - int((_CONTROL_GROUP / "memory.current").read_text()))
    return min(free)
