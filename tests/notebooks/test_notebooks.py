"""The notebooks as they are committed, and a run of each with little training."""

import os
import re
import shutil
from pathlib import Path

import pytest
import run_notebooks

nbformat = pytest.importorskip("nbformat")

NAMES = run_notebooks.names()
# minutes on two free cores; what is learned depends on the steps, not on the machine
MINUTES = float(os.environ.get("DIVNOISING_MINUTES", "1"))
# after one minute it takes luck with the seed for a consensus to be ahead of its samples
_LONGER = {"05_segmentation": 3}
_MOST_LINES = 12
_MOST_BYTES = 900_000
_OF_THIS_MACHINE = re.compile(r"/(home|root|tmp|usr|opt|work|Users|var)/|[A-Z]:\\\\|site-packages")
_LINK = re.compile(r"\]\(([^)#]+)\)")

# what each notebook must have shown, as Python that runs after its last cell
CHECKS = {
    "01_noise_model": """
        assert report.verdict == "good" and bad_report.verdict == "bad"
        true = np.sqrt(variance)
        assert np.abs(np.sqrt(noise.variance(signal)) / true - 1).max() < 0.1
    """,
    "02_bootstrapping": """
        assert np.abs(error).max() < 0.35
        assert abs(report.neighbour_correlation) < 0.1
        assert dn.metrics.psnr(truth, found.denoised) > dn.metrics.psnr(truth, noisy) + 3
    """,
    "03_training": """
        assert after > before + 4
        assert history["reconstruction"][-1] < history["reconstruction"][0]
        assert same and (RESULTS / "tissue.keras").stat().st_size > 100_000
    """,
    "04_samples": """
        assert psnr[-1] > psnr[0] + 0.5 and psnr[0] > dn.metrics.psnr(truth, noisy) + 4
        assert dn.metrics.psnr(truth, mean) > dn.metrics.psnr(truth, mode)
        assert low < answers.mean() < high and clusters.share.sum() <= 1.001
    """,
    "05_segmentation": """
        assert dn.metrics.psnr(clean[0], mean) > dn.metrics.psnr(clean[0], noisy[0]) + 6
        assert f1["clean image"] > 0.9
        votes = f1["Consensus (Avg)"], f1["Consensus (BIC)"]
        assert max(votes) > f1["single samples"] + 0.05
        assert f1["mean (MMSE)"] > f1["single samples"] + 0.1
    """,
    "06_text": """
        truth = page.image
        assert dn.metrics.psnr(truth, mean) > dn.metrics.psnr(truth, noisy) + 6
        assert errors["clean page"] < 0.1 < 0.5 < errors["noisy page"]
        assert errors["mean of 100"] < errors["noisy page"]
    """,
    "07_publishing": """
        assert after > before + 6
        assert output.shape == (192, 192, 10)
        assert difference < 0.05 * truth.std()
    """,
    "08_large_images": """
        assert np.abs(whole - tiled).max() < 0.02 * whole.std()
        assert after > before + 6
        assert mean.shape == slide.shape
    """,
}


def _text(output):
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


def _pictures(notebook):
    return [
        output.data["image/png"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]


def test_there_are_eight_and_each_has_a_check_and_a_line_in_the_list():
    assert len(NAMES) == 8
    assert set(CHECKS) == set(NAMES)
    listed = (run_notebooks.NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert all(f"({name}.ipynb)" in listed for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_clean_and_holds_the_outputs_of_one_run(name):
    path = run_notebooks.NOTEBOOKS / f"{name}.ipynb"
    notebook = run_notebooks.read(name)
    nbformat.validate(notebook)
    assert path.stat().st_size < _MOST_BYTES
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in notebook.cells:
        assert cell.source.strip(), "an empty cell"
        assert cell.id
        assert not cell.metadata
    for cell in code:
        assert len(cell.source.splitlines()) <= _MOST_LINES, cell.source
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            assert not _OF_THIS_MACHINE.search(_text(output)), _text(output)
            assert "Traceback" not in _text(output)
    assert len(_pictures(notebook)) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    cells = run_notebooks.read(name).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    links = [link for link in _LINK.findall(text) if not link.startswith("http")]
    assert links
    for link in links:
        assert Path(run_notebooks.NOTEBOOKS, link).exists(), link


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_from_top_to_bottom_and_shows_what_it_says(name, tmp_path):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    if name == "08_large_images":
        pytest.importorskip("distributed")
    if name == "06_text" and shutil.which("tesseract") is None:
        pytest.skip("no program tesseract")
    check = "\n".join(line.strip() for line in CHECKS[name].strip().splitlines())
    minutes = _LONGER.get(name, 1) * MINUTES
    notebook = run_notebooks.executed(name, minutes, results=tmp_path, check=check)
    committed = run_notebooks.read(name)
    assert len(notebook.cells) == len(committed.cells)
    assert len(_pictures(notebook)) == len(_pictures(committed))


def test_writing_keeps_warnings_and_drops_what_is_of_one_run(tmp_path, monkeypatch):
    monkeypatch.setattr(run_notebooks, "NOTEBOOKS", tmp_path)
    streams = ("W0000 00:00:1.2  3 port.cc:1] oneDNN\n", "UserWarning: saturated\n")
    outputs = [nbformat.v4.new_output("stream", name="stderr", text=one) for one in streams]
    cell = nbformat.v4.new_code_cell("1 + 1", outputs=outputs, metadata={"tags": ["of one run"]})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    run_notebooks.write(notebook, "one")
    (written,) = run_notebooks.read("one").cells
    assert [output.text for output in written.outputs] == [streams[1]]
    assert not written.metadata
