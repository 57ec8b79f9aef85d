"""What all subcommands share: messages, warnings, exit codes."""

import contextlib
import errno
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from divnoising_tf.errors import InputError

BAD_INPUT = 2
INTERRUPTED = 130

_READERS_OF_KERAS = r"keras\.src\.(saving|optimizers)\b"

# what the disk and the rights of the user can do to any write
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}


def application(help_text: str, **options: Any) -> typer.Typer:
    """Return a Typer application that turns bad input into a message and exit code 2."""
    return typer.Typer(
        cls=_Commands,
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_show_locals=False,
        **options,
    )


def tell(message: str, style: str | None = None) -> None:
    """Say something to the user, on the error stream: results alone go to the output."""
    import rich.console

    console = rich.console.Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(message, style=style, markup=False)


def announce(path: Any) -> None:
    """Name a file that was written, one a line, on the output stream."""
    typer.echo(str(path))


class _Commands(TyperGroup):
    """Subcommands whose failures end in a message."""

    def invoke(self, ctx: Any) -> Any:
        """Run a subcommand."""
        with _messages():
            try:
                return super().invoke(ctx)
            except InputError as error:
                tell(f"Error: {error.problem}", style="bold red")
                tell(f"Received: {error.received}\n{error.advice}")
                raise typer.Exit(BAD_INPUT) from error
            except KeyboardInterrupt as error:
                tell("Interrupted.", style="bold red")
                raise typer.Exit(INTERRUPTED) from error
            except OSError as error:
                if error.errno not in _DISK_ERRORS:
                    raise
                tell(f"Error: a file could not be written: {error}", style="bold red")
                tell("Make space on the disk, or choose a folder that you may write to.")
                raise typer.Exit(BAD_INPUT) from error


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        tell(record.getMessage(), style="yellow" if record.levelno >= logging.WARNING else None)


@contextlib.contextmanager
def _messages() -> Iterator[None]:
    """Show this package's warnings and log as plain lines, and hide those of others.

    But for those on models that are read: a weight that Keras leaves out is everybody's matter.
    """
    logger = logging.getLogger("divnoising_tf")
    if any(isinstance(handler, _Lines) for handler in logger.handlers):
        # a group within a group: the outer one shows them
        yield
        return
    handler, level, propagate = _Lines(), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # libraries give the root logger handlers of their own, which would say it all again
    logger.propagate = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning, module=r"divnoising_tf\b")
        # what Keras did not find in a file, its optimisers in their part of it
        warnings.filterwarnings("always", category=UserWarning, module=_READERS_OF_KERAS)
        warnings.showwarning = _show_once()
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate


def _show_once() -> Callable[..., None]:
    """Return what shows warnings, each text once: images are read to be checked, and again."""
    shown = set()

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in shown:
            shown.add(str(message))
            tell(f"Warning: {message}", style="yellow")

    return show
