import numpy as np
import pytest

from divnoising_tf import InputError
from experiments.tasks import load_task


class _Fitted:
    """Stands for a mixture that takes seconds to fit; keeps what it was fitted to."""

    def __init__(self, *images):
        self.images = images

    fit = fit_repeats = classmethod(lambda cls, *images: cls(*images))


_SYNTHETIC = [
    ("mdck", {"sigma": 70}, (7, 3)),
    ("dsb2018", {"sigma": 20}, (267, 3)),
    ("mnist", {"sigma": 140, "test_images": 2}, (12, 2)),
    ("kmnist", {"sigma": 140}, (3, 3)),
    ("ebook", {"sigma": 255, "test_images": 2}, (2, 2)),
    ("bsd68", {"sigma": 25}, (12, 3)),
    ("denoiseg", {"folder": "Mouse_n0", "sigma": 20}, (6, 2)),
]


@pytest.mark.parametrize(("name", "options", "numbers"), _SYNTHETIC)
def test_noise_is_added_to_clean_images_and_not_clipped(images_folder, name, options, numbers):
    task = load_task(name, options)
    assert (len(task.train), len(task.test)) == numbers
    assert len(task.train_signal) == len(task.train)
    clean = [*task.train_signal, *task.test_signal]
    noise = np.concatenate(
        [(a - b).ravel() for a, b in zip([*task.train, *task.test], clean, strict=True)]
    )
    sigma = options["sigma"]
    assert noise.std() == pytest.approx(sigma, rel=0.05)
    assert abs(noise.mean()) < 5 * sigma / np.sqrt(noise.size)
    assert min(image.min() for image in task.test) < min(image.min() for image in task.test_signal)
    assert task.test[0].dtype == task.test_signal[0].dtype == np.float32
    assert task.noise_deviation == sigma
    assert task.noise_model.standard_deviation == pytest.approx(sigma, rel=1e-6)


def test_every_run_sees_the_same_noise_and_test_images_have_their_own(images_folder):
    one, other = (load_task("bsd68", {}) for _ in range(2))
    np.testing.assert_array_equal(one.train[3], other.train[3])
    np.testing.assert_array_equal(one.test[2], other.test[2])
    noise = [one.train[0] - one.train_signal[0], one.test[0] - one.test_signal[0]]
    assert abs(np.corrcoef(noise[0].ravel()[:512], noise[1].ravel())[0, 1]) < 0.2


def test_mdck_is_scaled_from_the_camera_to_8_bit(images_folder):
    with np.load(images_folder / "mdck_zo1" / "mdck_zo1_wt.npz") as file:
        camera = file["images"]
    expected = (camera[7].clip(400, 2400) - 400.0) / 2000 * 255
    np.testing.assert_allclose(load_task("mdck", {}).test_signal[0], expected, rtol=1e-5)


def test_letters_are_not_turned(images_folder):
    assert not load_task("ebook", {}).augment
    assert load_task("bsd68", {}).augment


@pytest.mark.parametrize("units", ["counts", "electrons"])
def test_w2s_is_split_by_fields_and_its_truth_is_in_the_units_of_the_shots(
    images_folder, units, monkeypatch
):
    monkeypatch.setattr("experiments.tasks.w2s.GaussianMixtureNoiseModel", _Fitted)
    task = load_task("w2s", {"channel": 0, "units": units})
    assert (len(task.train), len(task.train_signal), len(task.test)) == (80, 20, 40)
    with np.load(images_folder / "w2s_ch0_8bit" / "gt_avg400_fov081-120.npz") as file:
        counts = 2.0 * file["images"][5].astype(float) + 0.5  # b and c of the written folder
    expected = counts if units == "counts" else counts / 4 + 8 / 16  # alpha and beta
    np.testing.assert_allclose(task.test_signal[5], expected, rtol=1e-5)
    signal, shots = task.noise_model.images
    np.testing.assert_array_equal(shots, task.train[:20])
    np.testing.assert_array_equal(signal, task.train_signal)
    # the noise of the written images is 15 counts
    assert task.noise_deviation == pytest.approx(15 if units == "counts" else 15 / 4, rel=0.05)
    residuals = np.stack(task.test) - np.stack(task.test_signal)
    assert residuals.std() == pytest.approx(task.noise_deviation, rel=0.05)


def test_fmd_has_a_noise_model_from_the_repeats_and_no_clean_image_to_train_on(
    images_folder, monkeypatch
):
    monkeypatch.setattr("experiments.tasks.fmd.GaussianMixtureNoiseModel", _Fitted)
    task = load_task("fmd", {"sample": "Confocal_MICE"})
    assert task.train_signal is None
    assert len(task.train) == len(task.test) == len(task.test_signal) == 4
    np.testing.assert_array_equal(task.noise_model.images[0], task.train)
    # Poisson noise: the variance is the signal
    assert task.noise_deviation == pytest.approx(np.sqrt(task.test_signal[0].mean()), rel=0.05)
    with pytest.raises(InputError, match="repeats"):
        load_task("fmd", {"sample": "Confocal_MICE", "noise_model": "guessed"})


def test_a_static_scene_is_tested_on_a_part_against_the_mean_of_its_shots(images_folder):
    import tifffile

    random = np.random.default_rng(0)
    scene = random.poisson(np.tile(np.linspace(50, 200, 32), (20, 24, 1))).astype(np.uint16)
    (images_folder / "Scene").mkdir()
    tifffile.imwrite(images_folder / "Scene" / "shots.tif", scene)
    tifffile.imwrite(images_folder / "Scene" / "edge.tif", scene[::-1])
    options = {"shots": "shots.tif", "repeats": "edge.tif", "rows": 16, "columns": 8}
    task = load_task("static_scene", {"folder": "Scene", **options, "test_images": 2})
    assert len(task.train) == 20
    assert len(task.test) == 2
    np.testing.assert_array_equal(task.test[1], scene[19, :16, :8])
    np.testing.assert_allclose(task.test_signal[0], scene.mean(0)[:16, :8], rtol=1e-5)
    variance = float(task.noise_model.variance(np.float32(100)))
    assert variance == pytest.approx(100, rel=0.2)


def test_published_w2s_is_brought_back_to_counts(images_folder, monkeypatch):
    monkeypatch.setattr("experiments.tasks.w2s_public.GaussianMixtureNoiseModel", _Fitted)
    for average, deviation in ((16, 0.1), (400, 0.0)):
        folder = images_folder / "w2s" / "data" / "normalized" / f"avg{average}"
        folder.mkdir(parents=True)
        random = np.random.default_rng(average)
        for field in range(1, 121):
            signal = np.tile(np.linspace(-1, 1, 16), (16, 1)) + field / 120
            np.save(folder / f"{field:03}_1.npy", signal + deviation * random.normal(size=(16, 16)))
    task = load_task("w2s_public", {"channel": 1, "average": 16})
    assert (len(task.train), len(task.train_signal), len(task.test)) == (80, 80, 40)
    assert [len(images) for images in task.noise_model.images] == [20, 20]
    assert task.noise_deviation == pytest.approx(6.6028, rel=0.05)
    assert task.test_signal[0][0, 0] == pytest.approx(154.5354 + 66.0285 * (81 / 120 - 1), rel=1e-4)


def test_images_that_are_not_there_and_options_that_are_none_are_refused(images_folder):
    with pytest.raises(InputError, match="DIVNOISING_DATA"):
        load_task("denoiseg", {"folder": "Flywing_n0", "sigma": 70})
    with pytest.raises(InputError, match="sigmas"):
        load_task("bsd68", {"sigmas": 25})
    with pytest.raises(InputError, match="channel"):
        load_task("w2s", {})
    np.savez(images_folder / "mnist" / "mnist.npz", train=np.zeros(3))
    with pytest.raises(InputError, match=r"with train, without x_train"):
        load_task("mnist", {})
