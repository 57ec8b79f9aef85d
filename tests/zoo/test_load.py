"""A package comes back as a model that samples alike, trains on, and is packed again."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers.keras_files import opened
from helpers.zoo_models import METADATA, noisy, small_model

from divnoising_tf.errors import InputError
from divnoising_tf.zoo import export, load, read_metadata

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from helpers.zoo_models import METADATA, noisy, small_model
from divnoising_tf.errors import InputError
from divnoising_tf.zoo import export
try:
    export(small_model(), sys.argv[2], noisy(20, 20), 1, 2, metadata=METADATA)
except InputError as error:
    sys.exit(3 if "exists" in str(error) else 4)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "model.zip"
    return export(small_model(), path, noisy(20, 17), 1, 2, metadata=METADATA, tags=["nuclei"])


def test_loaded_model_samples_alike_trains_on_and_is_packed_again(package, tmp_path):
    model = load(package)
    image = noisy(16, 16)
    expected = small_model().posterior(image, seed=1).sample(2)
    np.testing.assert_allclose(model.posterior(image, seed=1).sample(2), expected, rtol=1e-5)
    model.compile(optimizer="adam")
    model.fit(noisy(4, 16, 16).astype(np.float32), epochs=1, verbose=0)
    again = export(model, tmp_path / "again.zip", image, 1, 2, metadata=read_metadata(package))
    assert read_metadata(again) == {**METADATA, "tags": ["nuclei"]}
    weights = load(again).decoder.get_weights()[0]
    np.testing.assert_array_equal(weights, model.decoder.get_weights()[0])


def test_other_files_are_refused(tmp_path):
    files = {name: tmp_path / name for name in ("missing.zip", "text.zip", "empty.zip", "odd.zip")}
    files["text.zip"].write_text("not a zip")
    for name, content in (("empty.zip", None), ("odd.zip", b"not a model")):
        with zipfile.ZipFile(files[name], "w") as archive:
            if content:
                archive.writestr("model.keras", content)
    for file in files.values():
        with pytest.raises(InputError, match="not a package"):
            load(file)
        with pytest.raises(InputError, match="neither a YAML file"):
            read_metadata(file)


def test_a_package_whose_weights_changed_is_refused_with_its_name(package, tmp_path):
    with zipfile.ZipFile(package) as archive:
        model = Path(archive.extract("model.keras", tmp_path))
    with opened(model) as file:
        file["decoder/_entry/vars/1"][...] = 1.0
    with zipfile.ZipFile(tmp_path / "nuclei.zip", "w") as archive:
        archive.write(model, "model.keras")
    with pytest.raises(InputError, match=r"not those that were saved.*nuclei\.zip: model\.keras"):
        load(tmp_path / "nuclei.zip")


@pytest.mark.slow
def test_two_processes_export_to_one_name(tmp_path):
    path = tmp_path / "model.zip"
    command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parents[1]), str(path)]
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert sorted(process.wait(300) for process in processes) == [0, 3]
    assert load(path).depth == 2
    assert [one.name for one in tmp_path.iterdir()] == ["model.zip"]
