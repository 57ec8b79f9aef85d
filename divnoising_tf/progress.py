"""A progress bar with the time left, for work that takes longer than a few seconds."""

import contextlib
from collections.abc import Callable, Iterator

_enabled = True


def show_progress(enabled: bool = True) -> None:
    """Turn the progress bars of the library on, as they are at first, or off."""
    global _enabled
    _enabled = enabled


@contextlib.contextmanager
def progress(description: str, total: int) -> Iterator[Callable[[float], None]]:
    """Show a bar while the block runs.

    Args:
        description: what is being done.
        total: how many steps there are.

    Yields:
        A function to be called with the number of steps done since the last call.
    """
    if not _enabled:
        yield lambda steps: None
        return
    import rich.progress

    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeRemainingColumn(elapsed_when_finished=True),
    )
    with rich.progress.Progress(*columns, transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda steps: bar.advance(task, steps)
