"""Results of a function in order, the next ones computed while the last is used."""

import collections
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

# two fill the cores, with a third little is gained; memory grows with them
CALLS_AT_ONCE = 2

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def prefetched(
    function: Callable[[Argument], Result],
    arguments: Iterable[Argument],
    workers: int = CALLS_AT_ONCE,
) -> Iterator[Result]:
    """Yield `function(argument)` for every argument, in their order.

    TensorFlow leaves cores idle where an operation cannot be divided, and while Python copies a
    result; calls side by side fill them.

    Args:
        function: may be called in several threads at once.
        arguments: are taken as they are needed.
        workers: calls at once; as many results wait at most.

    Yields:
        The results. An error of the function is raised in its place; no further call begins.

    Example:
        >>> list(prefetched(lambda number: number**2, range(5)))
        [0, 1, 4, 9, 16]
    """
    pool = _pool(workers, os.getpid())
    waiting: collections.deque[Future[Result]] = collections.deque()
    try:
        for argument in arguments:
            if len(waiting) == workers:
                yield waiting.popleft().result()
            waiting.append(pool.submit(function, argument))
        while waiting:
            yield waiting.popleft().result()
    finally:
        for call in waiting:
            call.cancel()
        # what they hold is free when this ends
        wait(waiting)


@functools.lru_cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """Return threads that stay: in a new one oneDNN prepares every convolution anew.

    Args:
        workers: how many.
        process: number of this process; threads do not survive a fork.
    """
    return ThreadPoolExecutor(workers, thread_name_prefix="divnoising_tf")
