import contextlib
import os
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tifffile
from helpers.images import noisy_images
from typer.testing import CliRunner

from divnoising_tf import DivNoising, GaussianNoiseModel
from divnoising_tf.cli import app
from divnoising_tf.progress import show_progress


@pytest.fixture
def run():
    """Run the command line in this process: run("train", path, "--epochs", 1)."""
    show_progress(False)

    def invoke(*arguments):
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        # what Typer does not turn into an exit code would hide here
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    yield invoke
    show_progress(True)


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Noisy images (n, y, x), as a folder of TIFFs, with their noise model and a tiny model."""
    folder = tmp_path_factory.mktemp("cli")
    images = noisy_images(10).clip(0).astype(np.uint16)
    (folder / "images").mkdir()
    for number, image in enumerate(images):
        tifffile.imwrite(folder / "images" / f"shot{number}.tif", image)
    noise = GaussianNoiseModel(15.0, signal_range=(50.0, 250.0))
    noise.save(folder / "noise.json")
    keras.utils.set_random_seed(0)
    model = DivNoising(
        noise,
        depth=1,
        latent_channels=4,
        base_channels=4,
        data_mean=100.0,
        data_standard_deviation=40.0,
    )
    model.save(folder / "model.keras")
    return SimpleNamespace(
        images=folder / "images",
        array=images,
        noise=folder / "noise.json",
        model=folder / "model.keras",
        network=model,
    )


@pytest.fixture
def refused(run):
    """Assert that a command ends with exit code 2, the message alone, and leaves no file."""

    def check(message, folder, *arguments):
        before = _contents(folder)
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert message in " ".join(result.output.split())
        assert "Traceback" not in result.output
        assert _contents(folder) == before

    return check


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class KilledError(BaseException):
    """Ends a command as a kill does, for what runs in it."""


@pytest.fixture
def killed(monkeypatch):
    """Kill a command within a block, when it gives a file its final name: before or after that."""
    from divnoising_tf.files import atomic, locks

    @contextlib.contextmanager
    def kill(name, before=False):
        def killing(rename):
            def renamed(temporary, final):
                if not (before and Path(final).name == name):
                    rename(temporary, final)
                if Path(final).name == name:
                    # a dead process gives nothing back, and cleans nothing up
                    patch.setattr(locks.Lock, "release", lambda lock, **_: lock._close())
                    patch.setattr(Path, "unlink", lambda path, **_: None)
                    raise KilledError

            return renamed

        with monkeypatch.context() as patch:
            patch.setattr(atomic.os, "replace", killing(os.replace))
            patch.setattr(atomic, "_rename_to_new", killing(atomic._rename_to_new))
            with pytest.raises(KilledError):
                yield

    return kill
