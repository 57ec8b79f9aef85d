"""The documentation site: `sphinx-build -W -c docs . site`. Nothing is fetched from the network.

The whole repository is the source, so that links between README.md, docs/ and model_zoo/ are the
same on a repository's page and in the site.
"""

import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# this checkout is described, whatever is installed
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_site")]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import command_line
import further
from docstrings import as_restructured_text, signature_of_constructor

import divnoising_tf

project = "divnoising_tf"
author = copyright = "The divnoising_tf developers"
release = version = divnoising_tf.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "model_zoo/README.md",
    "model_zoo/fiji/**",
    "notebooks/**",
]
exclude_patterns = ["docs/_site", "**/.ipynb_checkpoints"]

# anchors as on a repository's page
myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
# notebooks are shown as they were run
nb_execution_mode = "off"
# options keep their two hyphens
smartquotes = False
suppress_warnings = ["mystnb.unknown_mime_type"]

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = False
# attributes that a docstring describes and a dataclass declares are described once
napoleon_use_ivar = True
python_display_short_literal_types = True

html_theme = "furo"
html_title = "divnoising_tf"
html_show_sourcelink = False
html_copy_source = False


def setup(app: Any) -> None:
    """Connect what is made while the site is built."""
    app.connect("source-read", command_line.insert_reference)
    app.connect("source-read", further.insert_pages_and_modules)
    app.connect("autodoc-process-docstring", as_restructured_text)
    app.connect("autodoc-process-signature", signature_of_constructor)
    app.connect("build-finished", _write_entrance)


def _write_entrance(app: Any, exception: Exception | None) -> None:
    """Lead from the top of the site to its start page, which lies in docs/ as its source does."""
    if exception is None and app.builder.format == "html":
        page = '<meta http-equiv="refresh" content="0; url=docs/index.html">\n'
        Path(app.outdir, "index.html").write_text(page, encoding="utf-8")
