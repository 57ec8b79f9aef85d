"""Makes the pictures of this folder's README, by the macros themselves in ImageJ.

    python model_zoo/fiji/make_pictures.py

Needs the development tools, Java and Maven. Trains a small model for a minute on one simulated
exposure of the tissue section that scikit-image ships, gives the model's graph, as it is in a
package, a part of that exposure, and runs each macro on what comes out. The pictures change a
little from run to run: a minute of training is not the same number of steps everywhere.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tifffile

HERE = Path(__file__).parent
IMAGES = HERE / "images"
# where the tests keep how they run ImageJ
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from fiji.macros.runner import ImageJ, call  # noqa: E402

import divnoising_tf as dn  # noqa: E402
from divnoising_tf.demo import Camera  # noqa: E402
from divnoising_tf.training.time_limit import TimeLimit  # noqa: E402
from divnoising_tf.zoo.sampling_graph import sampling_function  # noqa: E402

CAMERA = Camera(electrons=60.0, read_noise=4.0)
SHOTS = 8  # exposures for the noise model
SAMPLES = 8
AVERAGED = 64
PART = (slice(280, 472), slice(200, 392))  # a gland and the tissue around it
# x, y, width, height within the part
SHOWN = (16, 16, 160, 160)
DETAIL = (60, 104, 48, 48)
REGION = (76, 128, 28, 12)
PNG_LIMIT = 300_000  # bytes


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="of training")
    parser.add_argument("--work", type=Path, help="folder that keeps the two images for a next run")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        if not (work / "result.tif").exists():
            write_images(work, arguments.minutes)
        IMAGES.mkdir(exist_ok=True)
        write_pictures(work, Path(temporary))
    for picture in sorted(IMAGES.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.name}: {size / 1000:.0f} kB")
        if size > PNG_LIMIT:
            sys.exit(f"{picture} is larger than {PNG_LIMIT / 1000:.0f} kB.")


def write_images(work: Path, minutes: float) -> None:
    """Train, and write the noisy part and the package's output for it as Fiji shows them."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    brightness = tissue()
    noisy = CAMERA.expose(brightness, rng)
    shots = np.stack([CAMERA.expose(brightness, rng) for _ in range(SHOTS)])
    noise_model = dn.GaussianMixtureNoiseModel.fit_repeats(shots)
    model = dn.DivNoising(noise_model, base_channels=16, latent_channels=16)
    model.compile(optimizer=keras.optimizers.Adam(2e-3, use_ema=True, ema_momentum=0.98))
    train, _ = dn.data.patches(noisy, 64, 8, validation_fraction=0.0, steps_per_epoch=25)
    model.fit(train, epochs=100_000, callbacks=[TimeLimit(minutes)], verbose=2)

    noisy = noisy[PART]
    images = noisy[np.newaxis, ..., np.newaxis].astype(np.float32)
    result = sampling_function(model, SAMPLES, AVERAGED)(images).numpy()[0]
    truth = CAMERA.signal(brightness)[PART]
    psnrs = [dn.metrics.psnr(truth, image) for image in (noisy, result[..., 2], result[..., 0])]
    print("PSNR of input, sample 1 and mean in dB: " + ", ".join(f"{one:.1f}" for one in psnrs))
    names = ["mean", "uncertainty", *(f"sample {k + 1}" for k in range(SAMPLES))]
    metadata = {"axes": "CYX", "Labels": names}
    tifffile.imwrite(work / "noisy.tif", noisy, imagej=True)
    tifffile.imwrite(
        work / "result.tif", np.moveaxis(result, -1, 0), imagej=True, metadata=metadata
    )


def tissue() -> np.ndarray:
    """Return the absorbance of a stained tissue section in [0, 1], 512 × 512 pixels."""
    import skimage.color
    import skimage.data

    transmission = skimage.color.rgb2gray(skimage.data.immunohistochemistry())
    absorbance = -np.log(np.clip(transmission, 1 / 255, 1))
    return np.clip(absorbance / np.percentile(absorbance, 99.9), 0, 1)


def write_pictures(work: Path, logs: Path) -> None:
    """Run every macro on the images and save what it shows."""
    noisy, result = (f'open("{work}/{name}.tif");' for name in ("noisy", "result"))
    shown, detail = (f"makeRectangle({', '.join(map(str, part))});" for part in (SHOWN, DETAIL))
    region, outline = (
        f"({', '.join(str(scale * number) for number in REGION)});" for scale in (1, 2)
    )
    twice = 'run("Size...", "width=384 height=384 interpolation=None");'
    with ImageJ(logs) as imagej:

        def show(name: str, *lines: str) -> None:
            log = imagej.run(*lines, f'saveAs("PNG", "{IMAGES}/{name}.png");')
            if log:
                print(f"{name}: {log}")

        show("montage", noisy, result, shown, call("montage", "input=[noisy.tif]"))
        show(
            "browse_samples",
            result,
            detail,
            call("browse_samples", "speed=4"),
            'run("Make Montage...", "columns=4 rows=2 scale=4 border=4 font=14 label");',
        )
        show(
            "difference_of_samples",
            result,
            call("difference_of_samples", "first=1 second=2"),
            twice,
            'run("Flatten");',
        )
        show("uncertainty_overlay", result, call("uncertainty_overlay", "opacity=80"))
        show("measure_region", result, f"makeOval{region}", call("measure_region"))
        show(
            "measured_region",
            result,
            'run("Duplicate...", "title=mean duplicate channels=1");',
            'run("Grays"); resetMinAndMax(); run("RGB Color");',
            twice,
            'setColor("yellow"); setLineWidth(2);',
            f"drawOval{outline}",
        )


if __name__ == "__main__":
    main()
