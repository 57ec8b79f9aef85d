"""Every family from file to file, on Dask workers, and as a package."""

import zipfile

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import tifffile
from helpers.static_gate import operations_of_tensorflow_2_7, unknown_operations
from helpers.zoo_models import METADATA

import divnoising_tf as dn
from divnoising_tf.zoo.onnx_graph import onnx_model
from divnoising_tf.zoo.sampling_graph import sampling_function, write_saved_model

zarr = pytest.importorskip("zarr")


def test_a_large_file_has_the_samples_of_the_posterior(model, noisy, tmp_path):
    image = noisy(100, 90)
    tifffile.imwrite(tmp_path / "in.tif", image)
    options = {"average": 4, "samples": 1, "seed": 3, "tile_size": 32}
    path = dn.denoise_large(model, tmp_path / "in.tif", tmp_path / "out.zarr", **options)
    mean, deviation, sample = zarr.open_group(path, mode="r")["0"][:]
    posterior = model.posterior(image, seed=3)
    moments = posterior.moments(4)
    np.testing.assert_allclose(mean, moments.mean, atol=1e-3)
    np.testing.assert_allclose(deviation, moments.standard_deviation, atol=1e-3)
    np.testing.assert_allclose(sample, posterior.sample(1)[0], atol=1e-3)


@pytest.mark.slow
def test_dask_workers_give_the_same_file(model, noisy, tmp_path):
    distributed = pytest.importorskip("distributed")
    tifffile.imwrite(tmp_path / "in.tif", noisy(100, 90))
    options = {"average": 4, "seed": 3, "tile_size": 32}
    # threads of this process: they know the families of the tests
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    )
    paths = [tmp_path / "alone.zarr", tmp_path / "workers.zarr"]
    with cluster:
        dn.denoise_large(model, tmp_path / "in.tif", paths[0], **options)
        address = cluster.scheduler_address
        dn.denoise_large(model, tmp_path / "in.tif", paths[1], scheduler=address, **options)
    alone, together = (zarr.open_group(path, mode="r")["0"][:] for path in paths)
    np.testing.assert_allclose(together, alone, atol=1e-3)


@pytest.mark.parametrize("seed", [None, 4])
@pytest.mark.parametrize("size", [(1, 1), (33, 47)])
def test_exported_graphs_draw_the_samples_of_the_posterior(model, noisy, seed, size):
    image = noisy(*size)
    posterior = model.posterior(image, seed=seed)
    moments = posterior.moments(5)
    expected = np.stack([moments.mean, moments.standard_deviation, *posterior.sample(2)], axis=-1)
    given = image[np.newaxis, ..., np.newaxis]
    tensorflow = sampling_function(model, 2, 5, seed)(tf.constant(given))[0]
    np.testing.assert_allclose(tensorflow, expected, atol=2e-3)
    proto = onnx_model(model, 2, 5, seed)
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    (onnx,) = session.run(None, {"input": given})
    np.testing.assert_allclose(onnx[0], expected, atol=2e-3)


def test_saved_models_have_operations_of_old_tensorflow(model, tmp_path):
    write_saved_model(sampling_function(model, 2, 5), tmp_path)
    assert not unknown_operations(tmp_path, operations_of_tensorflow_2_7())


def test_a_package_says_its_family_and_gives_the_model_back(model, noisy, tmp_path):
    image = noisy(40, 48)
    path = dn.zoo.export(model, tmp_path / "package.zip", image, 1, 2, **METADATA)
    with zipfile.ZipFile(path) as archive:
        readme, rdf = (archive.read(name).decode() for name in ("README.md", "rdf.yaml"))
    assert model.family.summary in readme
    assert f"- Network: {model.described_network()}" in readme
    for paper in model.family.papers:
        assert paper.get("doi", paper.get("url")) in rdf
    for tag in model.family.tags:
        assert f"- {tag}\n" in rdf
    again = dn.zoo.load(path)
    np.testing.assert_array_equal(
        again.posterior(image).sample(1), model.posterior(image).sample(1)
    )
