import numpy as np
import pytest
import skimage.io
import yaml
from helpers.images import smooth_images
from helpers.zoo_recipes import write_w2s

_TINY = {
    "title": "Tests the runner",
    "kind": "table1",
    "minutes": 0.0001,
    "methods": ["noisy", "divnoising"],
    "rows": {
        "digits": {
            "title": "Digits",
            "published": "nowhere",
            "task": "mnist",
            "options": {"sigma": 10, "test_images": 2, "augment": False},
            "peak": 255,
            "network": {"depth": 1, "latent_channels": 6, "base_channels": 8},
            "training": {"patch_size": 16, "batch_size": 4, "steps_per_epoch": 5},
            "sampling": {"samples": 8, "mode_samples": 4, "calibration_samples": 4},
        },
        "absent": {"title": "Absent", "published": "a DOI", "here": False, "task": "kmnist"},
    },
}


@pytest.fixture
def images_folder(tmp_path, monkeypatch):
    """A folder laid out as that of the real images, with small synthetic ones."""
    folder = tmp_path / "data"
    blobs = smooth_images(12, 32).round().astype(np.uint8)

    def npz(name, **arrays):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        np.savez(folder / name, **arrays)

    npz("mdck_zo1/mdck_zo1_wt.npz", images=blobs[:10].astype(np.uint16) * 20)
    npz("dsb2018_fluo/dsb2018_256x256.npz", images=np.tile(blobs[:1, :8, :8], (270, 1, 1)))
    npz("mnist/mnist.npz", x_train=blobs[:, :16, :16], x_test=blobs[:3, 16:, 16:])
    for part in ("train", "test"):
        npz(f"kmnist/kmnist-{part}-imgs.npz", arr_0=blobs[:3, :28, :28])
    npz("bsd/bsd400_train_180x180.npz", images=blobs)
    npz("bsd/bsd68_test.npz", landscape_321x481=blobs[:2, :16], portrait_481x321=blobs[:1, :, :16])
    npz("Mouse_n0/train/train_data.npz", X_train=blobs[:4], X_val=blobs[4:6])
    npz("Mouse_n0/test/test_data.npz", X_test=blobs[6:8])
    (folder / "the_beetle").mkdir()
    words = ["It was raining, and the road lay dark before me."] * 40
    (folder / "the_beetle" / "the_beetle.txt").write_text("\n\n".join(words), encoding="utf-8")
    (folder / "fmd_testset").mkdir()
    shots = np.random.default_rng(0).poisson(np.repeat(blobs[:1], 4, 0)).clip(0, 255)
    for number, shot in enumerate(shots.astype(np.uint8), 1):
        skimage.io.imsave(folder / "fmd_testset" / f"raw_Confocal_MICE_{number}.png", shot)
    skimage.io.imsave(folder / "fmd_testset" / "gt_Confocal_MICE.png", blobs[0])
    write_w2s(folder / "w2s_ch0_8bit")
    monkeypatch.setenv("DIVNOISING_DATA", str(folder))
    return folder


@pytest.fixture
def results_folder(tmp_path, monkeypatch):
    """Where the runner keeps its results in a test."""
    monkeypatch.setattr("experiments.results_store.RESULTS", tmp_path / "results")
    monkeypatch.setattr("experiments.runner.machine", lambda: {"cores": 2})
    return tmp_path / "results"


@pytest.fixture
def write_recipe(tmp_path):
    """Writes recipes that are the tiny one with keys of its first row, or its own, replaced."""

    def write(row=None, **own):
        recipe = {**_TINY, **own}
        if row is not None:
            recipe["rows"] = {**_TINY["rows"], "digits": {**_TINY["rows"]["digits"], **row}}
        (tmp_path / "tiny.yaml").write_text(
            yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8"
        )
        return tmp_path

    return write
