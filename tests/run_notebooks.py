"""Runs the notebooks from top to bottom and writes their outputs into them.

    python tests/run_notebooks.py --minutes 3            # all
    python tests/run_notebooks.py 03_training --minutes 3

`DIVNOISING_DATA` is hidden from them: no pixel of real images gets into the outputs.
"""

import argparse
import base64
import io
import os
import re
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_SECONDS_PER_CELL = 1800
_COLOURS = 256  # of a picture in the outputs: less than half of the bytes, and no eye sees it
# TensorFlow's greetings; a warning of Python is kept, and the tests refuse it
_GREETING = re.compile(r"[IWE]\d{4} |WARNING: All log messages before absl|\s*$")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> None:
    """Run the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="such as 03_training; without any, all")
    parser.add_argument("--minutes", type=float, default=3.0, help="of each training")
    arguments = parser.parse_args()
    for name in arguments.names or names():
        write(executed(name, arguments.minutes), name)
        print(f"wrote {name}.ipynb", flush=True)


def names() -> list[str]:
    """Return the names of all notebooks, in their order."""
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def read(name: str) -> Any:
    """Return a notebook as it is committed."""
    import nbformat

    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def executed(name: str, minutes: float, results: Path | None = None, check: str = "") -> Any:
    """Return a notebook after a run from top to bottom, in a process of its own.

    Args:
        name: of the notebook.
        minutes: of each training in it.
        results: where it writes and looks for files; None for `notebooks/results`.
        check: Python that runs after the last cell and is not kept.

    Raises:
        CellExecutionError: a cell, or the check, failed.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = read(name)
    cells = len(notebook.cells)
    if check:
        notebook.cells.append(nbformat.v4.new_code_cell(check))
    # a backend that was chosen for scripts would show no figures
    hidden = ("DIVNOISING_DATA", "MPLBACKEND")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"DIVNOISING_MINUTES": str(minutes), "TF_CPP_MIN_LOG_LEVEL": "2"}
    if results is not None:
        environment["DIVNOISING_RESULTS"] = str(results)
    client = NotebookClient(
        notebook,
        timeout=_SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    client.execute(env=environment)
    del notebook.cells[cells:]
    return notebook


def write(notebook: Any, name: str) -> None:
    """Write a notebook with small pictures, and nothing that changes from run to run."""
    import nbformat

    notebook.metadata = nbformat.from_dict(_METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not _is_greeting(one)]
            for output in cell.outputs:
                _shrink(output)
    nbformat.validate(notebook)
    nbformat.write(notebook, NOTEBOOKS / f"{name}.ipynb")


def _is_greeting(output: Any) -> bool:
    return output.get("name") == "stderr" and all(map(_GREETING.match, output.text.splitlines()))


def _shrink(output: Any) -> None:
    if "metadata" in output:
        output.metadata.clear()
    data = output.get("data", {})
    if "image/png" in data:
        data["image/png"] = _smaller(data["image/png"])


def _smaller(picture: str) -> str:
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        few = image.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE)
    file = io.BytesIO()
    few.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


if __name__ == "__main__":
    main()
