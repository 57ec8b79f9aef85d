"""Looks at all images of a command before the first is worked on, and leaves bad ones out.

An image that was named must be good, or nothing is begun. Of a folder the good images are worked
on, and the command fails at the end if there were others. Blank images are left out with a word.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from divnoising_tf.cli._application import tell
from divnoising_tf.errors import BlankImageError, InputError, naming

_MOST_SHOWN = 10


class Screening:
    """The images that can be worked on, and the reasons against the others.

    Args:
        files: the images.
        given: what the user named: files, and folders of them.
        check: of the number of an image; raises `InputError` if it cannot be worked on.
        numbers: of the images that are to be worked on.
        work: what is done with them, in the participle: "denoised".
        begun: whether some images were done before, so that none may be left.

    Attributes:
        usable: numbers of the images that can be worked on.

    Raises:
        InputError: a named image cannot be worked on, or none of the images can.
    """

    def __init__(
        self,
        files: Sequence[Path],
        given: Iterable[Path],
        check: Callable[[int], Any],
        numbers: Sequence[int],
        work: str,
        begun: bool = False,
    ):
        named = set(given)
        self.usable: list[int] = []
        self._work = work
        self._looked_at = len(numbers)
        self._blank: dict[str, InputError] = {}
        self._bad: dict[str, InputError] = {}
        for number in numbers:
            file = files[number]
            try:
                with naming(file):
                    check(number)
                self.usable.append(number)
            except BlankImageError as error:
                self._blank[file.name] = error
            except InputError as error:
                if file in named:
                    raise
                self._bad[file.name] = error
        if not begun:
            self._refuse_nothing()
        for name, reason in {**self._blank, **self._bad}.items():
            tell(f"Warning: {name} is left out. {reason.problem}", style="yellow")

    def fail_for_bad(self) -> None:
        """Fail, now that the others are done, if there were images that cannot be worked on.

        Raises:
            InputError: there were.
        """
        if self._bad:
            raise InputError(
                f"{len(self._bad)} of {self._looked_at} images could not be {self._work}.",
                _reasons(self._bad),
                f"The others are {self._work}. Mend these, or take them out of the folder.",
            )

    def _refuse_nothing(self) -> None:
        reasons = {**self._blank, **self._bad}
        if self.usable or not reasons:
            return
        if len(reasons) == 1:
            raise next(iter(reasons.values()))
        raise InputError(
            f"None of the {len(reasons)} images can be {self._work}.",
            _reasons(reasons),
            next(iter(reasons.values())).advice,
        )


def _reasons(errors: dict[str, InputError]) -> str:
    shown = [f"{name}: {error.problem}" for name, error in list(errors.items())[:_MOST_SHOWN]]
    more = [f"and {len(errors) - _MOST_SHOWN} more"] * (len(errors) > _MOST_SHOWN)
    return "\n".join([*shown, *more])
