"""What a training learns from, so that one that goes on does not learn from something else."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from divnoising_tf.cli._application import tell
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path

DATA_NAME = "data.json"
_MOST_NAMED = 3


def training_data(images: Sequence[Any], noise_models: Sequence[Path]) -> dict[str, str]:
    """Return digests of every image, of its pixels and axes, and of the files of noise models.

    Args:
        images: as `read_images` returns them.
        noise_models: files.
    """
    data = {f"the noise model {path.name}": _digest(path.read_bytes()) for path in noise_models}
    for number, image in enumerate(images, 1):
        array = image.array
        kind = f"{image.axes} {array.shape} {array.dtype}".encode()
        # plane by plane, as the file may be mapped and not be in memory
        planes = array.reshape(-1, *array.shape[-2:])
        data[f"image {number} ({image.name})"] = _digest(kind, *planes)
    return data


def _digest(*parts: Any) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).data)
    return digest.hexdigest()


def check_training_data(state: Path, data: dict[str, str]) -> None:
    """Refuse other data than a training began with.

    Args:
        state: folder of the training's state.
        data: see `training_data`.

    Raises:
        InputError: there is a state, and it was made from other images or noise.
    """
    from divnoising_tf.training.backup import STATE_NAME

    file = state / DATA_NAME
    if not (state / STATE_NAME).exists():
        return
    if not file.exists():
        tell(
            "This training began in a version that did not note its images: whether they are the "
            "same is not known.",
            style="yellow",
        )
        return
    try:
        before = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "The saved state of the training is damaged.",
            f"{file} ({error})",
            "Begin anew with --overwrite.",
        ) from error
    changed = [
        f"{name} is {'new' if name not in before else 'gone' if name not in data else 'another'}"
        for name in {**before, **data}
        if before.get(name) != data.get(name)
    ]
    if changed:
        more = f", and {len(changed) - _MOST_NAMED} more" if len(changed) > _MOST_NAMED else ""
        raise InputError(
            "A training goes on with the images and the noise model it began with.",
            f"{', '.join(changed[:_MOST_NAMED])}{more}",
            "Bring them back, or begin anew with --overwrite and without --resume.",
        )


def write_training_data(state: Path, data: dict[str, str]) -> None:
    """Write what a training begins with into the folder of its state."""
    with atomic_path(state / DATA_NAME, overwrite=True) as temporary:
        temporary.write_text(json.dumps(data, indent=1), encoding="utf-8")
