"""Calls ahead of time: order, errors, an early end, and threads that stay."""

import threading
import time

import pytest

from divnoising_tf.posterior.prefetching import prefetched


def test_results_come_in_the_order_of_the_arguments():
    def slow_at_first(number):
        time.sleep(0.05 if number == 0 else 0.0)
        return number

    assert list(prefetched(slow_at_first, range(7), workers=3)) == list(range(7))


def test_no_more_calls_than_asked_for_are_under_way():
    lock, running, most = threading.Lock(), [0], [0]

    def count(number):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1

    for _ in prefetched(count, range(12), workers=2):
        pass
    assert most[0] == 2


def test_an_error_is_raised_in_its_place_and_nothing_new_begins():
    begun = []

    def fail_at_two(number):
        begun.append(number)
        if number == 2:
            raise MemoryError("two")
        return number

    results = prefetched(fail_at_two, range(100), workers=2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(MemoryError, match="two"):
        next(results)
    assert max(begun) <= 4


def test_an_early_end_waits_for_what_is_under_way():
    ended = []

    def slow(number):
        time.sleep(0.05)
        ended.append(number)
        return number

    results = prefetched(slow, range(100), workers=2)
    next(results)
    results.close()
    count = len(ended)
    time.sleep(0.1)
    assert count == len(ended) <= 3


def test_threads_stay():
    # what oneDNN keeps for a thread is not given back when the thread ends
    threads = [set(prefetched(lambda _: threading.get_ident(), range(6))) for _ in range(5)]
    assert len(set.union(*threads)) <= 2
