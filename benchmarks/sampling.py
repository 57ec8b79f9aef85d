"""Samples per second of one image that is encoded already, depth 2 and 3."""

from typing import Any

from benchmarks import subjects
from benchmarks.images import images
from benchmarks.reference_process import ReferenceProcess
from benchmarks.rounds import Work, compared, rates


def rows(quick: bool) -> list[dict[str, Any]]:
    """Return the rows of the table."""
    size, each, rounds = (64, 2, 1) if quick else (512, 16, 7)
    return [row for depth in (2, 3) for row in _rows(depth, size, each, rounds)]


def _rows(depth: int, size: int, each: int, rounds: int) -> list[dict[str, Any]]:
    image = images(1, size)[0]
    works: dict[str, Work] = {}
    for dtype in ("float32", "mixed_bfloat16"):
        posterior = subjects.model(depth, dtype).posterior(image)
        works[dtype] = lambda posterior=posterior: len(posterior.sample(each))
        works[f"{dtype}, mean and deviation"] = lambda posterior=posterior: (
            posterior.moments(each) and each
        )
    with ReferenceProcess(depth, 1, size) as reference:
        # it is slower by so much that fewer samples take as long
        works = {"reference": lambda: reference.sample(max(2, each // 4)), **works}
        found = compared(rates(works, rounds), "reference")
    operations = subjects.decoder_operations(depth, size**2)
    return [
        {"work": f"samples of a {size}² image, depth {depth}", **row, "GFLOP each": operations}
        for row in found
    ]
