"""How large the levels of a hierarchy are, where not all is said."""

from collections.abc import Iterable

from divnoising_tf.errors import InputError
from divnoising_tf.models.checks import check_architecture

LEVELS = 3
# the finest first; the last stands for all coarser ones
_LEVEL_CHANNELS = (64, 64, 96)
_LATENT_CHANNELS = (8, 16, 16)


def sizes_of_levels(
    levels: int, level_channels: Iterable[int] | None, latent_channels: Iterable[int] | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the channels of features and of latents of every level, the finest first.

    Args:
        levels: number of levels.
        level_channels: of the features, one number for each level; None for 64, 64, and 96 from
            the third level on.
        latent_channels: of the latents; None for 8, and 16 from the second level on.

    Raises:
        InputError: they are not positive whole numbers, or not as many as there are levels.

    Example:
        >>> sizes_of_levels(2, None, [4, 4])
        ((64, 64), (4, 4))
    """
    check_architecture(levels=levels)
    return (
        _sizes("level_channels", levels, level_channels, _LEVEL_CHANNELS),
        _sizes("latent_channels", levels, latent_channels, _LATENT_CHANNELS),
    )


def _sizes(
    name: str, levels: int, given: Iterable[int] | None, default: tuple[int, ...]
) -> tuple[int, ...]:
    if given is None:
        return (*default, *[default[-1]] * levels)[:levels]
    sizes = tuple(given) if isinstance(given, Iterable) else (given,)
    if len(sizes) != levels:
        raise InputError(
            f"{name} must have one number for each of {levels} levels, the finest first.",
            repr(given),
            "The default works.",
        )
    for size in sizes:
        check_architecture(**{name: size})
    return sizes
