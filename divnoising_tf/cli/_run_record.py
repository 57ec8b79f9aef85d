"""Which images of a command are done, so that the same command goes on after a kill."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from divnoising_tf._version import __version__
from divnoising_tf.cli._inputs import refuse_existing
from divnoising_tf.errors import InputError

# who computes, not what
_NOT_SETTINGS = ("scheduler",)


class RunRecord:
    """A file beside the results, from the first image until all of them are done.

    Args:
        settings_file: of the command, written when all is done.
        settings: of the command, see `given_settings`.
        inputs: the files that the results are made from.
        overwrite: whether results are replaced.

    Raises:
        InputError: some images were done with other settings or inputs, and `overwrite` is
            false.
    """

    def __init__(
        self,
        settings_file: Path,
        settings: Mapping[str, Any],
        inputs: Iterable[Path],
        overwrite: bool,
    ):
        from divnoising_tf.files.journal import Journal

        self._path = settings_file.with_name(
            settings_file.name.replace(".settings.yaml", ".unfinished")
        )
        self._journal = Journal(self._path)
        self._settings_file = settings_file
        self._results: list[Path] = []
        self._overwrite = overwrite
        self._settings = {
            **{name: value for name, value in settings.items() if name not in _NOT_SETTINGS},
            "overwrite": overwrite,
            "files": _digest(inputs),
            "divnoising_tf": __version__,
        }
        different = self._journal.differences(self._settings) if self._journal.begun else []
        if different and self._journal.done() and not overwrite:
            raise InputError(
                "Some of these images were denoised with other settings, and the rest was not.",
                f"{self._path}: {'; '.join(different)}",
                f"Give the same settings to go on, say --overwrite to begin anew, or delete "
                f"{self._path.name} and choose another folder.",
            )
        self.going_on = self._journal.begun and not different

    def done(self, results: Sequence[Sequence[Path]]) -> set[int]:
        """Return the numbers of the images that are done.

        Args:
            results: of each image, paths.

        Raises:
            InputError: there are results that this command did not write.
        """
        self._results = [path for paths in results for path in paths]
        if not self.going_on:
            refuse_existing([*self._results, self._settings_file], self._overwrite)
            return set()
        done = set(self._journal.done())
        if not self._overwrite:
            # the kill may have come between the last of them and the record
            done |= {number for number, paths in enumerate(results) if _exist(paths)}
        return done

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep the record for the time of a block; a failure leaves it if there are results."""
        if not self.going_on:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._journal.begin(self._settings)
        try:
            yield
        except BaseException:
            if not any(path.exists() for path in self._results):
                self._path.unlink(missing_ok=True)
            raise
        self._path.unlink(missing_ok=True)

    def add(self, number: int) -> None:
        """Record that an image is done."""
        self._journal.add(number)


def _exist(paths: Sequence[Path]) -> bool:
    return all(path.exists() for path in paths)


def _digest(paths: Iterable[Path]) -> str:
    """Return a digest of names, sizes and times of files."""
    digest = hashlib.sha256()
    for path in filter(Path.exists, paths):
        state = path.stat()
        digest.update(repr((str(path), state.st_size, state.st_mtime_ns)).encode())
    return digest.hexdigest()[:16]
