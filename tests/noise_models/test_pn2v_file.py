import numpy as np
import pytest

from divnoising_tf.errors import InputError
from divnoising_tf.noise_models import GaussianMixtureNoiseModel

_WEIGHT = np.random.default_rng(0).normal(size=(9, 2))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_scalars_of_any_shape_are_read(tmp_path, shape):
    path = tmp_path / "noise.npz"
    np.savez(
        path,
        trained_weight=_WEIGHT,
        min_signal=np.full(shape, 10.0),
        max_signal=np.full(shape, 200.0),
        min_sigma=np.full(shape, 50.0),
    )
    model = GaussianMixtureNoiseModel.from_npz(path)
    np.testing.assert_allclose(model.coefficients, _WEIGHT, rtol=1e-5)
    assert model.signal_range == (10, 200)
    # min_sigma bounds the variance of each component; a component's mean may add to it
    assert model.min_variance == 50
    assert (model.variance([10.0, 100.0, 200.0]).numpy() >= 50).all()
    assert "3 components, 2 coefficients" in repr(model)


def test_written_files_are_read_again(tmp_path):
    model = GaussianMixtureNoiseModel((5, 500), 2, 4, np.vstack([_WEIGHT[:6]] * 2).reshape(6, 4))
    path = tmp_path / "noise.npz"
    model.to_npz(path)
    again = GaussianMixtureNoiseModel.from_npz(path)
    np.testing.assert_allclose(again.coefficients, model.coefficients, rtol=1e-6)
    assert again.min_variance == model.min_variance
    with np.load(path, allow_pickle=False) as file:
        assert file["trained_weight"].shape == (6, 4)
        assert file["min_signal"].shape == file["max_signal"].shape == (1,)
        assert file["min_sigma"].item() == model.min_variance
    with pytest.raises(InputError, match="exists already"):
        model.to_npz(path)
    model.to_npz(path, overwrite=True)
    with pytest.raises(InputError, match=r"ends in \.npz"):
        model.to_npz(tmp_path / "noise.json")


def test_files_that_hold_objects_are_refused_with_advice(tmp_path):
    path = tmp_path / "noise.npz"
    np.savez(
        path,
        trained_weight=np.array(_WEIGHT.tolist(), object),
        min_signal=1.0,
        max_signal=2.0,
        min_sigma=3.0,
    )
    with pytest.raises(InputError, match="allow_pickle=True"):
        GaussianMixtureNoiseModel.from_npz(path)


@pytest.mark.parametrize(
    "changed",
    [
        {"trained_weight": np.zeros((8, 2))},
        {"trained_weight": np.zeros(9)},
        {"min_signal": np.zeros(2)},
        {"min_signal": 300.0},
        {"max_signal": np.nan},
        {"min_sigma": None},
    ],
)
def test_other_contents_are_refused(tmp_path, changed):
    values = {"trained_weight": _WEIGHT, "min_signal": 1.0, "max_signal": 2.0, "min_sigma": 3.0}
    values = {key: value for key, value in {**values, **changed}.items() if value is not None}
    path = tmp_path / "noise.npz"
    np.savez(path, **values)
    with pytest.raises(InputError):
        GaussianMixtureNoiseModel.from_npz(path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "noise.npz"
    with pytest.raises(InputError, match="not a Gaussian mixture noise model"):
        GaussianMixtureNoiseModel.from_npz(path)
    for content in (b"", b"no archive", b"PK\x03\x04 torn"):
        path.write_bytes(content)
        with pytest.raises(InputError):
            GaussianMixtureNoiseModel.from_npz(path)
    np.save(tmp_path / "array.npy", _WEIGHT)
    with pytest.raises(InputError, match="not a Gaussian mixture noise model"):
        GaussianMixtureNoiseModel.from_npz(tmp_path / "array.npy")
