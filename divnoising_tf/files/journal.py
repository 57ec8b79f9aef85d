"""Which parts of a long piece of work are done, in a file that survives a kill."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from divnoising_tf.errors import InputError


class Journal:
    """A file with the settings of the work in its first line, and a line for each part done.

    A line is added after the part's result has been written. A kill may cut the last line;
    it then does not count, and the part is done again.

    Args:
        path: the file; made by `begin`.
    """

    def __init__(self, path: Path):
        self._path = path
        self._whole = False

    @property
    def begun(self) -> bool:
        """Whether the settings are on record."""
        return bool(self._lines())

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the work.

        Raises:
            InputError: the file is something else.
        """
        try:
            return dict(json.loads(self._lines()[0]))
        except (ValueError, IndexError, TypeError) as error:
            raise InputError(
                "The record of an unfinished result is damaged.",
                self._path,
                f"Delete the folder {self._path.parent}, and begin anew.",
            ) from error

    def differences(self, settings: Mapping[str, Any]) -> list[str]:
        """Say which settings are other ones than those on record, in words for the user.

        Raises:
            InputError: the file is something else.
        """
        begun = self.settings
        return [
            f"{name} was {begun.get(name)} and is {value}"
            for name, value in settings.items()
            if begun.get(name) != value
        ]

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Write the settings, in place of what is there.

        Args:
            settings: plain values, as for JSON.
        """
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(settings) + "\n", encoding="utf-8")
        os.replace(temporary, self._path)

    def done(self) -> dict[int, str]:
        """Return the numbers of the parts that are done, with what was noted of each."""
        parts = (line.partition(" ") for line in self._lines()[1:])
        return {int(part): note for part, _, note in parts}

    def add(self, part: int, note: str = "") -> None:
        """Record that a part is done.

        Args:
            part: its number.
            note: one line about it.
        """
        if not self._whole:
            os.truncate(self._path, self._whole_bytes())
        # a full disk may take a part of the line
        self._whole = False
        with open(self._path, "ab") as file:
            file.write(f"{part} {note}".rstrip().encode() + b"\n")
        self._whole = True

    def _whole_bytes(self) -> int:
        return self._content().rfind(b"\n") + 1

    def _lines(self) -> list[str]:
        whole = self._content()[: self._whole_bytes()]
        return whole.decode("utf-8", errors="replace").splitlines()

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
