"""Units of pixel sizes as they stand in files, and by their full English names."""

_SHORT = {
    "angstrom": "Å",
    "nanometer": "nm",
    "micrometer": "µm",
    "millimeter": "mm",
    "centimeter": "cm",
    "meter": "m",
    "inch": "in",
    "nanosecond": "ns",
    "microsecond": "µs",
    "millisecond": "ms",
    "second": "s",
    "minute": "min",
    "hour": "h",
    "day": "d",
}
_OTHERS = {
    "um": "micrometer",
    "μm": "micrometer",  # the Greek letter, not the sign
    "micron": "micrometer",
    "microns": "micrometer",
    "us": "microsecond",
    "sec": "second",
    "seconds": "second",
    "angstrom": "angstrom",
}
_FULL = {short: full for full, short in _SHORT.items()} | _OTHERS


def full_unit(unit: str | None) -> str | None:
    """Return the full name of a unit; None for one that means nothing, such as "pixel".

    Example:
        >>> full_unit("um"), full_unit("µm"), full_unit("second"), full_unit("pixel")
        ('micrometer', 'micrometer', 'second', None)
    """
    if unit in _SHORT:
        return unit
    return _FULL.get((unit or "").replace("\\u00B5", "µ").strip())


def short_unit(unit: str | None) -> str | None:
    """Return the sign of a unit that is given by its full name; None if it has none.

    Example:
        >>> short_unit("micrometer"), short_unit("parsec")
        ('µm', None)
    """
    return _SHORT.get(unit or "")
