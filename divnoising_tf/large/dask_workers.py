"""Tiles of a large image on the workers of a Dask cluster.

Every worker process loads the model once, reads its tiles from the image, and writes its results
to the shared file itself; between the processes go numbers of tiles alone.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

from divnoising_tf.errors import InputError
from divnoising_tf.large.model_digest import model_digest
from divnoising_tf.large.tile_report import TileReport
from divnoising_tf.large.tile_work import Job, TileWork
from divnoising_tf.machine.extras import distributed_library
from divnoising_tf.models.model_file import load_model

_RETRIES = 2  # of a tile that fails; one whose worker dies goes to another worker anyway
_SECONDS_TO_CONNECT = 30
# a worker with several threads would need the memory of several tiles
_one_at_a_time = threading.Lock()


def do_on_workers(
    scheduler: str,
    model: str,
    digest: str,
    job: Job,
    tiles: Sequence[int],
    mark: Callable[[int, TileReport], None],
) -> None:
    """Do tiles on the workers of a cluster.

    Args:
        scheduler: address of the Dask scheduler, such as "tcp://10.0.0.1:8786".
        model: path of the saved model, which the workers can read.
        digest: of the model, `model_digest`: another model is loaded anew.
        job: what is to be done; paths that the workers can read and write.
        tiles: numbers of the tiles.
        mark: called with number and report of each tile that is done.

    Raises:
        InputError: no scheduler, workers that die again and again, or bad input.
        OSError: a tile cannot be written.
    """
    distributed = distributed_library()
    try:
        client = distributed.Client(scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            "The Dask scheduler cannot be reached.",
            f"{scheduler} ({error})",
            "Start it with 'dask scheduler', and give the address that it prints.",
        ) from error
    with client, client.as_current():
        do = functools.partial(do_tile, model=model, digest=digest, job=job)
        futures = client.map(do, tiles, pure=False, retries=_RETRIES)
        try:
            for future in distributed.as_completed(futures):
                mark(*future.result())
        except distributed.KilledWorker as error:
            raise InputError(
                "Workers died again and again on the same tile: probably out of memory.",
                error,
                "Give the workers more memory, or say a smaller tile size; then start again, and "
                "the work goes on where it stopped.",
            ) from error
        except ImportError as error:
            raise InputError(
                "The workers do not have the same libraries as this process.",
                error,
                "Start them from the same environment.",
            ) from error


def do_tile(number: int, model: str, digest: str, job: Job) -> tuple[int, TileReport]:
    """Do one tile in a worker.

    Args:
        number: of the tile.
        model: path of the saved model.
        digest: of the model.
        job: what is to be done.

    Returns:
        The number, and the tile's report.
    """
    with _one_at_a_time:
        return number, _work(model, digest, job).do(number)


@functools.lru_cache(maxsize=1)
def _work(path: str, digest: str, job: Job) -> TileWork:
    return TileWork(_model(path, digest), job)


@functools.lru_cache(maxsize=1)
def _model(path: str, digest: str) -> Any:
    """Load the model, once in a process.

    Raises:
        InputError: it cannot be read, or is not that of the digest.
    """
    _limit_threads()
    model = load_model(path, compile=False)
    if model_digest(model) != digest:
        raise InputError(
            "A worker read another model than it was asked to work with.",
            path,
            "See that the workers have the same versions of divnoising_tf and Keras as this "
            "process, and start again: the work goes on where it stopped.",
        )
    return model


def _limit_threads() -> None:
    """Compute with as many threads as Dask gives this worker, so that workers share the cores."""
    import tensorflow as tf

    threads = distributed_library().get_worker().state.nthreads
    # once TensorFlow has computed something its threads stay as they are
    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
