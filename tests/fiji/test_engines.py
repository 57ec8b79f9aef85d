"""TensorFlow for Java, as Fiji's deepImageJ 3 runs it, gives the samples of Python."""

import numpy as np
import pytest
from helpers.zoo_packages import NAMES, archive_of, tensors_of_test, unzipped

# versions of TensorFlow for Java, and the TensorFlow inside
ENGINES = {"0.5.0": "2.10.1", "0.4.1": "2.7.1"}
SIZES = {"1x1": (1, 1), "33x47": (33, 47), "512x512": (512, 512)}
LARGE = (1500, 2000)
# a pixel of the second frame, and pixels so far from it that only the noise can differ there
CHANGED, FAR = (5, 5), slice(32, None)


@pytest.fixture(scope="module")
def images(noisy):
    """Images (batch, y, x, channel) by name; the frames differ in one pixel by one count."""
    alone = {name: noisy(*size)[np.newaxis, ..., np.newaxis] for name, size in SIZES.items()}
    frames = np.stack([noisy(96, 96)] * 2)[..., np.newaxis]
    frames[1, CHANGED[0], CHANGED[1]] += 1
    return {
        **alone,
        "33x47 again": alone["33x47"],
        "two frames": frames,
        "first frame": frames[:1],
        "second frame": frames[1:],
    }


@pytest.fixture(scope="module")
def expected(sampled, images):
    return {name: sampled(image) for name, image in images.items()}


@pytest.fixture(scope="module", params=ENGINES, ids=lambda version: f"TF-Java {version}")
def version(request):
    return request.param


@pytest.fixture(scope="module")
def engine(version, program):
    """Run images one after the other in one process; return outputs and seconds."""
    run_program = program("engines", version)

    def run(package, images, folder):
        files = []
        for number, image in enumerate(images):
            files += [folder / f"{number}.npy", folder / f"{number}_output.npy"]
            np.save(files[-2], image)
        printed = run_program("RunEngine", package, *files)
        assert [one["tensorflow"] for one in printed] == [ENGINES[version]] * len(images)
        return [np.load(file) for file in files[1::2]], [one["seconds"] for one in printed]

    return run


@pytest.fixture(scope="module")
def outputs(engine, package, images, tmp_path_factory):
    """Output and seconds of every image."""
    results = engine(package, images.values(), tmp_path_factory.mktemp("outputs"))
    return dict(zip(images, zip(*results, strict=True), strict=True))


@pytest.mark.parametrize("name", [*SIZES, "two frames"])
def test_gives_the_numbers_of_python(
    outputs, expected, name, version, assert_same_samples, record_property
):
    output, seconds = outputs[name]
    record_property("version", f"TensorFlow {ENGINES[version]}")
    record_property("seconds", seconds)
    # otherwise equality would show little
    assert name == "1x1" or expected[name][..., 2:].std() > 10
    assert_same_samples(output, expected[name])


def test_same_image_has_the_same_samples_in_one_process(outputs):
    np.testing.assert_array_equal(outputs["33x47"][0], outputs["33x47 again"][0])


def test_frames_do_not_share_their_noise(outputs):
    frames = np.concatenate([outputs["first frame"][0], outputs["second frame"][0]])
    np.testing.assert_allclose(frames, outputs["two frames"][0], atol=1e-4 * frames.std())
    frames = frames[:, FAR, FAR]
    noise = frames[..., 2:] - frames[..., :1].mean(axis=0)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.2


@pytest.mark.slow
def test_gives_the_numbers_of_python_on_three_megapixels(
    engine, package, sampled, noisy, tmp_path, assert_same_samples, record_property
):
    image = noisy(*LARGE)[np.newaxis, ..., np.newaxis]
    (output,), (seconds,) = engine(package, [image], tmp_path)
    record_property("seconds", seconds)
    assert_same_samples(output, sampled(image))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_package_of_the_model_zoo_passes_its_own_test(
    engine, name, version, tmp_path, assert_same_samples, record_property
):
    package = unzipped(archive_of(name), tmp_path / "package")
    image, expected = tensors_of_test(package)
    (output,), (seconds,) = engine(package, [image], tmp_path)
    record_property("version", f"TensorFlow {ENGINES[version]}")
    record_property("seconds", seconds)
    assert_same_samples(output, expected, expected[..., 0].std())
