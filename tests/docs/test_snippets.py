"""The Python in README and docs runs, page by page, from top to bottom.

Each page finds in its folder and among its variables what its text speaks of: a small model, a
small image. Training is cut to two steps.
"""

import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers import printed_text
from helpers.images import noisy_images, smooth_images
from helpers.snippets import ROOT, python_snippets

import divnoising_tf as dn
from divnoising_tf.progress import show_progress

# pages that take longer: a network of full size, many compilations
_SLOW = {"README.md", "docs/training.md"}
# what a page must have left behind
_RESULTS = {
    "README.md": ["model.keras", "nuclei.zip"],
    "docs/faq.md": ["mean.tif"],
    "docs/posterior.md": ["clusters.png"],
    "docs/scaling.md": ["clean.zarr"],
}
# pages whose snippets are only compiled, and why
_NOT_RUN = {"docs/baselines.md": "trains for minutes, on the images of an experiment"}
_NEEDS = {"docs/scaling.md": ["zarr"], "docs/text.md": ["pytesseract"]}


def _pages():
    found = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    names = [path.relative_to(ROOT).as_posix() for path in found if python_snippets(path)]
    return [pytest.param(name, marks=[pytest.mark.slow] * (name in _SLOW)) for name in names]


@pytest.fixture(scope="module")
def small():
    """Noisy images with their truth, a noise model, and a model that has not been trained."""
    keras.utils.set_random_seed(0)
    noise = dn.GaussianNoiseModel(15.0, signal_range=(30.0, 260.0))
    model = dn.DivNoising(
        noise,
        depth=2,
        latent_channels=6,
        base_channels=8,
        data_mean=100.0,
        data_standard_deviation=40.0,
    )
    return SimpleNamespace(noise=noise, model=model, truth=smooth_images(2, 160))


@pytest.fixture
def two_steps(monkeypatch):
    """Cut every training to two steps of one epoch."""
    fit = dn.DivNoising.fit

    def cut(self, x, **kwargs):
        kwargs.update(epochs=1, validation_data=kwargs["validation_data"].take(1), verbose=0)
        return fit(self, x.take(2), **kwargs)

    monkeypatch.setattr(dn.DivNoising, "fit", cut)


@pytest.mark.parametrize("page", _pages())
def test_snippets(page, small, two_steps, tmp_path, monkeypatch):
    for package in _NEEDS.get(page, []):
        pytest.importorskip(package)
    if page == "docs/text.md" and not shutil.which("tesseract"):
        pytest.skip("tesseract is not installed")
    programs = [compile(one, ROOT / page, "exec") for one in python_snippets(ROOT / page)]
    if page in _NOT_RUN:
        pytest.skip(f"compiled, not run: {_NOT_RUN[page]}")
    monkeypatch.chdir(tmp_path)
    show_progress(False)
    names = _variables(page, small)
    for program in programs:
        exec(program, names)
    show_progress(True)
    assert all((tmp_path / result).exists() for result in _RESULTS.get(page, []))


def _variables(page, small):
    """Return what the snippets of a page start from; files go into the present folder."""
    truth, part = small.truth, (slice(136), slice(240))
    image = noisy_images(1, 256)[0][part]
    shots = np.repeat(truth[:1], 20, 0) + np.random.default_rng(0).normal(0, 15, (20, 160, 160))
    names = {
        "keras": keras,
        "np": np,
        "dn": dn,
        "noise": small.noise,
        "model": small.model,
        "image": image,
        "images": noisy_images(2, 300),
        "shots": shots,
        "signal": truth,
        "truth": smooth_images(1, 256)[0][part],
        "observations": noisy_images(2, 160),
    }
    if page == "README.md":
        names["image"] = image[:64, :64]
        del names["noise"], names["model"]
    if page == "docs/training.md":
        names["train"], names["validation"] = dn.data.patches(names["images"], 64, 4)
    if page == "docs/segmentation.md":
        names["image"] = _membranes()
    if page == "docs/text.md":
        names |= {"model": _Readable(), "image": None, "truth": list(printed_text.LINES)}
    if page == "docs/faq.md":
        dn.data.write_image("noisy.tif", image[:64, :64])
    if page == "docs/scaling.md":
        _write_ome_zarr("big.zarr", image[:64, :64].astype(np.uint16))
    small.model.save("model.keras")
    return names


class _Readable:
    """A model, and its posterior, whose samples are printed text: training one takes an hour."""

    def posterior(self, image):
        return self

    def sample(self, n):
        page = printed_text.printed(printed_text.LINES)
        return np.random.default_rng(0).normal(page, 20, (n, *page.shape))

    def moments(self, n):
        return SimpleNamespace(mean=self.sample(n).mean(0))


def _write_ome_zarr(path, image):
    import zarr

    axes = [{"name": name, "type": "space"} for name in "yx"]
    scale = {"type": "scale", "scale": [1.0, 1.0]}
    dataset = {"path": "0", "coordinateTransformations": [scale]}
    image_of_group = {"version": "0.4", "axes": axes, "datasets": [dataset]}
    group = zarr.open_group(path, mode="w", zarr_format=2)
    group.attrs["multiscales"] = [image_of_group]
    group.create_array("0", data=image, chunks=(32, 32))


def _membranes():
    """Return bright lines around dark cells, counts."""
    y, x = np.mgrid[:96, :96]
    lines = np.minimum(y % 24, x % 24) < 3
    return (60.0 + 150 * lines).astype(np.float32)


def test_a_snippet_that_fails_names_its_line(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Text.\n\n```python\na = 1\nraise ValueError\n```\n")
    (snippet,) = python_snippets(page)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        exec(compile(snippet, page, "exec"), {})
    assert caught.traceback[-1].lineno + 1 == 5
    page.write_text("<!-- not run: it needs a cluster -->\n```python\nraise ValueError\n```\n")
    assert python_snippets(page) == []
