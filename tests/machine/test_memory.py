import sys
from types import SimpleNamespace

import pytest

from divnoising_tf.machine.memory import available_memory

GIB = 2**30


def _write(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


MEMINFO = {"proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n"}
GROUPS = {
    "proc/self/cgroup": "0::/batch/job7\n",
    "sys/fs/cgroup/batch/job7/memory.max": "max\n",
    "sys/fs/cgroup/batch/job7/memory.current": "1\n",
    "sys/fs/cgroup/batch/memory.max": f"{4 * GIB}\n",
    "sys/fs/cgroup/batch/memory.current": f"{3 * GIB}\n",
    "sys/fs/cgroup/batch/memory.stat": f"anon 1\ninactive_file {GIB // 2}\n",
}
OLD_GROUPS = {
    "proc/self/cgroup": "5:cpu:/\n4:hugetlb,memory:/a\n",
    "sys/fs/cgroup/memory/a/memory.limit_in_bytes": f"{2 * GIB}\n",
    "sys/fs/cgroup/memory/a/memory.usage_in_bytes": f"{GIB}\n",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (MEMINFO, 8 * GIB),
        # a limit higher up counts, and files in the cache do not
        (MEMINFO | GROUPS, 1.5 * GIB),
        (MEMINFO | OLD_GROUPS, GIB),
    ],
)
def test_memory_is_what_linux_and_the_control_groups_leave(tmp_path, files, expected):
    _write(tmp_path, files)
    assert available_memory(tmp_path) == expected


def test_other_systems_are_asked_through_psutil_if_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert available_memory(tmp_path) == 2 * GIB
    other = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(available=5 * GIB))
    monkeypatch.setitem(sys.modules, "psutil", other)
    assert available_memory(tmp_path) == 5 * GIB


def test_this_machine_has_some_memory():
    assert available_memory() > 2**20
