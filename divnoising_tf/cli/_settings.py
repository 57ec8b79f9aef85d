"""All settings of a command as YAML beside its result, and back."""

from pathlib import Path
from typing import Any

import typer

from divnoising_tf._version import __version__
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path

# how a command is run, not what it computes
_NOT_SETTINGS = ("settings", "overwrite", "resume")


def settings_path(result: Path) -> Path:
    """Return the name of the settings beside a result: model.keras, model.settings.yaml.

    Where those of another result have this name, as of model.json, it is model.keras.settings.yaml.
    """
    stem = result.name
    for suffix in (".ome.tif", ".ome.tiff", result.suffix):
        if suffix and stem.lower().endswith(suffix.lower()):
            stem = stem[: -len(suffix)]
            break
    path = result.with_name(f"{stem}.settings.yaml")
    return path if _is_free(path, result) else result.with_name(f"{result.name}.settings.yaml")


def _is_free(path: Path, result: Path) -> bool:
    """Say whether there are no settings of another result."""
    if not path.exists():
        return True
    try:
        _, settings = read_settings(path)
    except InputError:
        return False
    # its name alone: the folder may have been moved
    return Path(str(settings.get("output"))).name == result.name


def write_settings(context: typer.Context, path: Path, overwrite: bool = False) -> None:
    """Write the settings of the running command.

    Args:
        context: of the command.
        path: ends in .yaml.
        overwrite: whether an existing file may be replaced.
    """
    import yaml

    content = {
        "divnoising_tf": __version__,
        "command": command_name(context),
        "settings": given_settings(context),
    }
    with atomic_path(path, overwrite) as temporary:
        temporary.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def given_settings(context: typer.Context) -> dict[str, Any]:
    """Return the settings of the running command, as plain values; paths are absolute."""
    return {
        name: _plain(value)
        for name, value in context.params.items()
        if name not in _NOT_SETTINGS and value is not None
    }


def read_settings(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the command and the settings of a file written by `write_settings`.

    Raises:
        InputError: not such a file.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        command, settings = content["command"], content["settings"]
        if not isinstance(settings, dict):
            raise TypeError("settings is not a list of names and values")
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise InputError(
            "This is not a file of settings.",
            f"{path} ({type(error).__name__}: {' '.join(str(error).split())})",
            "Give the .settings.yaml that divnoising wrote beside a result.",
        ) from error
    return str(command), {str(name).replace("-", "_"): value for name, value in settings.items()}


def read_version(path: Path) -> str:
    """Return the version of this package that wrote a file of settings, or "?"."""
    import yaml

    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return str(content.get("divnoising_tf", "?"))


def use_settings(context: typer.Context, path: Path | None) -> Path | None:
    """Take the settings of a file as defaults: what stands on the command line wins.

    Raises:
        InputError: not a file of settings, of another command, or with unknown names.
    """
    if path is None:
        return None
    command, settings = read_settings(path)
    if command != command_name(context):
        raise InputError(
            "These settings are for another command.",
            f"settings of '{command}' given to '{command_name(context)}'",
            f"Run 'divnoising {command} --settings {path}'.",
        )
    known = {parameter.name for parameter in context.command.params} - set(_NOT_SETTINGS)
    unknown = sorted(set(settings) - known)
    if unknown:
        raise InputError(
            "There are unknown settings in the file.",
            f"{', '.join(unknown)} in {path}",
            f"Known are: {', '.join(sorted(name for name in known if name))}.",
        )
    context.default_map = {**(context.default_map or {}), **settings}
    return path


def command_name(context: typer.Context) -> str:
    """Return the command without the program's name, such as "noise-model fit"."""
    names: list[str] = []
    current: Any = context
    while current.parent is not None:
        names.insert(0, current.info_name)
        current = current.parent
    return " ".join(names)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Path):
        return str(value.resolve())
    # members of an enumeration stand for their word
    return getattr(value, "value", value)
