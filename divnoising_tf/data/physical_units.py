"""Units of pixel sizes and intervals: full English names, and the signs that stand in files."""

_METRES = {
    "picometer": ("pm", 1e-12),
    "angstrom": ("Å", 1e-10),
    "nanometer": ("nm", 1e-9),
    "micrometer": ("µm", 1e-6),
    "millimeter": ("mm", 1e-3),
    "centimeter": ("cm", 1e-2),
    "inch": ("in", 0.0254),
    "decimeter": ("dm", 1e-1),
    "meter": ("m", 1.0),
    "kilometer": ("km", 1e3),
}
_SECONDS = {
    "nanosecond": ("ns", 1e-9),
    "microsecond": ("µs", 1e-6),
    "millisecond": ("ms", 1e-3),
    "second": ("s", 1.0),
    "minute": ("min", 60.0),
    "hour": ("h", 3600.0),
    "day": ("d", 86400.0),
}
_OTHERS = {
    "um": "micrometer",
    "micron": "micrometer",
    "microns": "micrometer",
    "us": "microsecond",
    "msec": "millisecond",
    "sec": "second",
    "hr": "hour",
    "A": "angstrom",
}
_SIGNS = {full: sign for units in (_METRES, _SECONDS) for full, (sign, _) in units.items()}
_FULL = {sign: full for full, sign in _SIGNS.items()} | _OTHERS
_LONGEST = 32  # letters of a unit that is not known
_NO_UNITS = ("", "pixel", "pixels", "voxel", "frame", "slice", "none", "null")


def full_unit(unit: str | None) -> str | None:
    """Return the full name of a unit; None for one that means nothing, such as "pixel".

    A unit that is not known is returned as it is.

    Example:
        >>> full_unit("um"), full_unit("µm"), full_unit("seconds"), full_unit("pixel")
        ('micrometer', 'micrometer', 'second', None)
        >>> full_unit("cubit")
        'cubit'
    """
    # ImageJ escapes the sign; some write the Greek letter, others a ring in two characters
    unit = str(unit or "").replace("\\u00B5", "µ").replace("\\u00b5", "µ").strip()
    unit = unit.replace("μ", "µ").replace("\\u00C5", "Å").replace("A\u030a", "Å")
    if unit in _FULL:
        return _FULL[unit]
    name = unit.lower().replace("metre", "meter")
    for one in (name, name.removesuffix("s"), "inch" if name == "inches" else name):
        if one in _SIGNS:
            return one
        if one in _OTHERS:
            return _OTHERS[one]
    return None if name in _NO_UNITS or not unit.isprintable() or len(unit) > _LONGEST else unit


def short_unit(unit: str | None) -> str | None:
    """Return the sign of a unit that is given by its full name; None if it has none.

    Example:
        >>> short_unit("micrometer"), short_unit("parsec")
        ('µm', None)
    """
    return _SIGNS.get(unit or "")


def converted(size: float, unit: str | None, wanted: str | None) -> float | None:
    """Return a size in another unit; None if there is no way from one to the other.

    Args:
        size: in `unit`.
        unit: its full name.
        wanted: likewise.

    Example:
        >>> converted(0.5, "micrometer", "nanometer"), converted(2.0, "second", "meter")
        (500.0, None)
    """
    if unit == wanted:
        return size
    for units in (_METRES, _SECONDS):
        if unit in units and wanted in units:
            # 0.3 and not 0.30000000000000004: twelve digits are more than any microscope knows
            return float(f"{size * units[unit][1] / units[wanted][1]:.12g}")
    return None
