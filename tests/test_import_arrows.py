"""Imports go one way: from a room to those below it, and never in a circle."""

import ast
from pathlib import Path

import pytest

import divnoising_tf

_PACKAGE = Path(divnoising_tf.__file__).parent
_FACE = "divnoising_tf"

# from the ground up: a room imports itself and what stands before it
ROOMS = (
    "_version",
    "errors",
    "progress",
    "machine",
    "files",
    "plotting",
    "noise_models",
    "data",
    "metrics",
    "onnx_nodes",
    "latent_noise",
    "posterior",
    "models",
    "training",
    "blind_spot",
    "large",
    "evaluation",
    "applications",
    "zoo",
    "demo",
    "cli",
    _FACE,
)
# "module -> module": why it may
EXCEPTIONS: dict[str, str] = {}


def _modules(package):
    """Return the sources of all modules, by dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imported(path, modules):
    """Yield the modules that a source names: anywhere, also for types alone, also as text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name"
            for alias in node.names:
                # an attribute of a module, or a module of a package
                full = f"{node.module}.{alias.name}"
                yield full if full in modules else node.module
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            yield node.value


def _arrows(package):
    """Return what each module imports of the package."""
    modules = _modules(package)
    return {
        module: {one for one in _imported(path, modules) if one in modules} - {module}
        for module, path in modules.items()
    }


def _room(module):
    return module.split(".")[1] if "." in module else module


def _upwards(arrows, rooms):
    """Return the arrows to a room that stands higher than their own."""
    height = {room: number for number, room in enumerate(rooms)}
    return {
        f"{module} -> {other}"
        for module, others in arrows.items()
        for other in others
        if height[_room(other)] > height[_room(module)]
    }


def _circle(arrows):
    """Return the modules of a circle, each of which imports the next; none if there is none."""
    done, way = set(), []

    def follow(module):
        if module in way:
            return way[way.index(module) :]
        way.append(module)
        for other in sorted(arrows[module] - done):
            if circle := follow(other):
                return circle
        done.add(way.pop())
        return []

    return next(filter(None, map(follow, sorted(arrows))), [])


def test_every_room_has_its_place():
    rooms = {_room(module) for module in _modules(_PACKAGE)}
    assert rooms == set(ROOMS)


def test_no_room_imports_a_higher_one():
    assert _upwards(_arrows(_PACKAGE), ROOMS) == set(EXCEPTIONS)


def test_no_module_imports_what_imports_it():
    arrows = _arrows(_PACKAGE)
    for exception in EXCEPTIONS:
        module, other = exception.split(" -> ")
        arrows[module].remove(other)
    assert _circle(arrows) == []


def test_the_top_shows_the_library_at_one_look():
    files = [path.name for path in _PACKAGE.iterdir() if path.is_file()]
    assert len(files) <= 10, sorted(files)


@pytest.mark.parametrize(
    "source",
    [
        "import divnoising_tf.high",
        "from divnoising_tf import high",
        "from divnoising_tf.high import name",
        "def late():\n    from divnoising_tf.high import name",
        "if TYPE_CHECKING:\n    from divnoising_tf.high import name",
        "AT_FIRST_USE = {'name': 'divnoising_tf.high'}",
    ],
)
def test_arrows_and_circles_are_seen_in_every_form(source, tmp_path):
    package = tmp_path / "divnoising_tf"
    package.mkdir()
    (package / "low.py").write_text(source)
    (package / "middle.py").write_text("from divnoising_tf.low import name")
    (package / "high.py").write_text("from divnoising_tf import middle")
    arrows = _arrows(package)
    assert _upwards(arrows, ("low", "middle", "high")) == {
        "divnoising_tf.low -> divnoising_tf.high"
    }
    assert sorted(_circle(arrows)) == [f"divnoising_tf.{one}" for one in ("high", "low", "middle")]
