"""Where the time of a training step or of a sample goes, operation by operation.

    python -m benchmarks.profile_step train
    python -m benchmarks.profile_step sample --size 512 --precision float32

One thread, so that the times add up. The first figure is the processor time of a call without the
profiler, which a busy machine disturbs less than the rest.
"""

import argparse
import collections
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks import subjects
from benchmarks.images import images

CALLS = 5


def main() -> None:
    """Profile, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("work", choices=("train", "sample"))
    parser.add_argument("--size", type=int, help="side of an image, pixels; 128 or 512")
    parser.add_argument("--number", type=int, help="patches in a batch, samples in a call; 8 or 1")
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--longest", type=int, default=30, help="operations shown")
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    work = (_training if arguments.work == "train" else _sampling)(arguments)
    print(f"{1000 * processor_seconds(work):.1f} ms of processor time a call")
    for name, (milliseconds, number) in operations(work)[: arguments.longest]:
        print(f"{milliseconds:8.2f} ms {number:6.0f} × {name}")


def processor_seconds(work: Callable[[], Any]) -> float:
    """Return the median processor time of a call, after two that are not counted."""
    seconds = []
    for _ in range(CALLS + 2):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return float(np.median(seconds[2:]))


def operations(work: Callable[[], Any]) -> list[tuple[str, tuple[float, float]]]:
    """Return time in ms and number of every kind of operation in a call, the longest first."""
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            for _ in range(CALLS):
                work()
        events = [one for file in Path(folder).rglob("*.xplane.pb") for one in _events(file)]
    time_of: collections.Counter = collections.Counter()
    number_of: collections.Counter = collections.Counter()
    for name, picoseconds in events:
        time_of[name] += picoseconds / 1e9 / CALLS
        number_of[name] += 1 / CALLS
    return [(name, (spent, number_of[name])) for name, spent in time_of.most_common()]


def _events(file: Path) -> list[tuple[str, int]]:
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space = xplane_pb2.XSpace()
    space.ParseFromString(file.read_bytes())
    return [
        (plane.event_metadata[event.metadata_id].name.rsplit(":", 1)[1], event.duration_ps)
        for plane in space.planes
        if "CPU" in plane.name
        for line in plane.lines
        for event in line.events
        # operations are called NODE:KIND
        if ":" in plane.event_metadata[event.metadata_id].name
    ]


def _training(arguments: argparse.Namespace) -> Callable[[], Any]:
    model = subjects.model(2, arguments.precision)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    batch = images(arguments.number or 8, arguments.size or 128)[..., np.newaxis]
    return lambda: model.train_on_batch(batch)


def _sampling(arguments: argparse.Namespace) -> Callable[[], Any]:
    model = subjects.model(2, arguments.precision)
    size = arguments.size or 512
    context = model.encode(images(1, size)[..., np.newaxis])
    number = arguments.number or 1
    return lambda: model.decode_samples(context, 0, 0, number).numpy()


if __name__ == "__main__":
    main()
