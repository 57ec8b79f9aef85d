"""How much memory is free."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# where neither the system nor psutil says
_UNKNOWN = 2 * 2**30


def available_memory(root: Path = Path("/")) -> int:
    """Return the memory that this process can still take, bytes.

    Linux says it, and the limits of the control groups (containers, job schedulers) that this
    process is in; elsewhere psutil says it, where it is installed. If nothing does, 2 GiB.

    Args:
        root: folder that `proc` and `sys` lie in.
    """
    known = [*_system_memory(root), *_control_group_memory(root)] or list(_psutil_memory())
    return max(0, min(known, default=_UNKNOWN))


def _system_memory(root: Path) -> Iterator[int]:
    for line in _lines(root / "proc" / "meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _control_group_memory(root: Path) -> Iterator[int]:
    """Yield what is left to every control group from that of this process upwards."""
    for line in _lines(root / "proc" / "self" / "cgroup"):
        _, controllers, place = line.split(":", 2)
        if controllers == "":
            folder, names = "", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            folder = "memory"
        else:
            continue
        for group in (PurePosixPath(place), *PurePosixPath(place).parents):
            yield from _left(root / "sys/fs/cgroup" / folder / str(group).lstrip("/"), *names)


def _left(group: Path, limit_name: str, usage_name: str, cache_name: str) -> Iterator[int]:
    limit, usage = (_lines(group / name) for name in (limit_name, usage_name))
    if limit and usage and limit[0] != "max":
        # files that were read fill memory too, but make way
        counters = dict(line.split()[:2] for line in _lines(group / "memory.stat"))
        yield int(limit[0]) - int(usage[0]) + int(counters.get(cache_name, 0))


def _psutil_memory() -> Iterator[int]:
    try:
        import psutil
    except ImportError:
        return
    yield psutil.virtual_memory().available


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
