"""The README.md of a package: what the model is, what it gives, and where its limits are."""

from typing import Any

from divnoising_tf._version import __version__
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.zoo.kinds import SampleNumbers
from divnoising_tf.zoo.metadata import Metadata
from divnoising_tf.zoo.sampling_graph import INPUT_NAME, OUTPUT_NAME

VALIDATION_NAME = "validation.png"

_TEMPLATE = """\
# {name}

{description}

{summary}

## Input and output
- Input `{input}`: the noisy image in the camera's own counts, not normalised, axes
  batch, y, x, channel; {channels} channel(s), any size from one pixel on.
- Output `{output}`: {planes} channels, in counts:
{output_channels}

{averaged}{seed}

### How to read the uncertainty
The uncertainty is the standard deviation of samples at each pixel: small where the noisy
image leaves no doubt, large where several clean images would explain it. It speaks of the signal,
not of the noise, and only as far as the images resemble the training data: outside of them
the model may be wrong and sure of it. Neighbouring pixels of one sample belong together, so
measure an object (an intensity, an area) in every sample and look at the spread of the results;
do not add up the uncertainties of its pixels.

## Training
{training}

- Noise model: {noise_model}
- Network: {network}
- Data: mean {mean} counts, standard deviation {standard_deviation} counts
{noise_report}
Images of another camera, gain, or microscope need another noise model and training.

## Validation
{measured}

![The test image: input, samples, mean, uncertainty]({figure})
{validation}

To validate the model on your own data, take repeated shots of one static sample: the mean of the
shots stands for the clean image. The mean should come closer to it than a single shot (PSNR), and
the true pixels should lie within two uncertainties of the mean in most places. Without repeats,
look at (input - mean): it should show noise and no structures.

## Limits
- Fiji (deepImageJ 3, JDLL) hangs above 50 megapixels, and fails if the output is larger than
  2^31 bytes: with this model's {planes} output channels, {output_megapixels:.0f} megapixels.
- Fiji runs this model on an image as a whole. Do not switch tiling on: samples would differ from
  tile to tile and show seams, since the noise behind a sample belongs to a place in the image.
- Memory: 0.3 GB per megapixel were measured for a network of depth 2 with 32 base channels and
  10 output channels, beside 0.8 GB for TensorFlow itself. It grows with the number of output
  channels, not with the number of samples averaged.

## On a folder of images
`pip install bioimageio.core tensorflow`, or with `onnxruntime` for `--weight-format onnx`:

    bioimageio predict package.zip --inputs "$(ls noisy/*.tif | paste -sd, -)" \\
        --outputs "denoised/{{sample_id}}.npy"

Each image becomes an array (1, y, x, {planes}), named by what tells its file from the others. With
`.tif` instead of `.npy` the pages of the file are rows of the image: for Python, not for Fiji.

## In Python
`attachments` of this package: `model.keras` and `noise_model.json`, for Keras 3 with
`divnoising_tf`. `divnoising_tf.zoo.load("package.zip")` gives the model back: draw more samples, or
compile it, train on and export it again, with the `metadata.yaml` of this package.

Licence: {license}. Written by divnoising_tf {version}.
"""


def readme_text(
    model: LatentVariableModel,
    metadata: Metadata,
    output_channels: list[str],
    numbers: SampleNumbers,
    seed: int | None,
    measured: str,
    noise_report: object = None,
) -> str:
    """Return the README of a package as Markdown.

    Args:
        model: that is packaged.
        metadata: its description.
        output_channels: names of the channels of the output, in order.
        numbers: of samples shown, and averaged.
        seed: as given to `sampling_function`.
        measured: what `Validation` measured on the test image, Markdown.
        noise_report: its text says how well the noise model fits; None for no report.
    """
    planes = len(output_channels)
    return _TEMPLATE.format(
        name=metadata.name,
        description=metadata.description,
        summary=model.family.summary,
        input=INPUT_NAME,
        output=OUTPUT_NAME,
        channels=model.channels,
        planes=planes,
        output_channels="\n".join(f"  {i}. {name}" for i, name in enumerate(output_channels, 1)),
        averaged=_described_mean(numbers.averaged),
        seed=_described_seed(seed),
        training=metadata.training or "On noisy images alone, without clean ones.",
        noise_model=repr(model.noise_model),
        network=model.described_network(),
        mean=_numbers(model.data_mean),
        standard_deviation=_numbers(model.data_standard_deviation),
        measured=measured,
        figure=VALIDATION_NAME,
        validation=f"\n{metadata.validation}\n" if metadata.validation else "",
        noise_report="" if noise_report is None else f"\n```\n{noise_report}\n```\n",
        output_megapixels=2**31 / 4 / planes / 1e6,
        license=metadata.license,
        version=__version__,
    )


def _described_mean(averaged: int) -> str:
    return f"Mean and uncertainty are over {averaged} samples. " if averaged else ""


def _described_seed(seed: int | None) -> str:
    if seed is None:
        return (
            "The pixels of the image\nchoose the samples: the same image gives the same samples in "
            "every program, and two frames of\na movie do not share theirs."
        )
    return f"They are those of\nseed {seed} for every image: frames of a movie share their noise."


def _numbers(values: Any) -> str:
    return ", ".join(f"{value:.5g}" for value in values)
