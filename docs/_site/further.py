"""Pages and packages that nobody has put into the site yet are found while it is built."""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PAGES = "<!-- further pages -->"
_MODULES = ".. further packages"
_ELSEWHERE = {"divnoising_tf.cli"}  # the command line has a page of its own


def insert_pages_and_modules(_: Any, page: str, source: list[str]) -> None:
    """Put them where the pages mark their place."""
    if page == "docs/index":
        source[0] = source[0].replace(_PAGES, "\n".join(further_pages()))
    if page == "docs/api/more":
        parts = [f".. automodule:: {name}" for name in further_packages()]
        source[0] = source[0].replace(_MODULES, "\n\n".join(parts) or "None at present.")


def further_pages() -> list[str]:
    """Return names of pages in docs/ that the start page's table of contents does not list."""
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    lines = (line for block in _blocks(index) for line in block.splitlines())
    listed = {line.split("<")[-1].strip(" >") for line in lines}
    pages = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
    return [name for name in pages if name not in listed | {"index"}]


def further_packages() -> list[str]:
    """Return packages with `__all__` that no page of docs/api describes."""
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs" / "api").glob("*.rst"))
    described = set(re.findall(r"automodule:: (\S+)", pages)) | _ELSEWHERE
    packages = sorted((ROOT / "divnoising_tf").glob("*/__init__.py"))
    public = [path.parent.name for path in packages if "__all__" in path.read_text("utf-8")]
    return [f"divnoising_tf.{name}" for name in public if f"divnoising_tf.{name}" not in described]


def _blocks(index: str) -> list[str]:
    return re.findall(r"^```\{toctree\}\n(.*?)^```", index, re.MULTILINE | re.DOTALL)
