"""The description (rdf.yaml) of a package, made with the classes of bioimageio.spec 0.5."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from divnoising_tf.posterior.contract import Family
from divnoising_tf.zoo.kinds import SampleNumbers
from divnoising_tf.zoo.metadata import Metadata
from divnoising_tf.zoo.sampling_graph import INPUT_NAME, OUTPUT_NAME

# JDLL looks for this name
RDF_NAME = "rdf.yaml"
README_NAME = "README.md"
COVER_NAME = "cover.png"
TEST_INPUT_NAME = "test_input.npy"
TEST_OUTPUT_NAME = "test_output.npy"
# With a step of 1 and no halo Fiji runs an image of any size in one call, instead of cutting it
# into tiles with a noise of their own. From 8 pixels on this was tried in its tiler.
SMALLEST_SIZE = 8
# the last one in which documentation and covers are plain file names
_FORMAT_VERSION = "0.5.10"


def channel_names(channels: int, numbers: SampleNumbers) -> tuple[list[str], list[str]]:
    """Return the names of the input's and of the output's channels, in order.

    Example:
        >>> channel_names(channels=1, numbers=SampleNumbers(shown=2, averaged=9))
        (['image'], ['mean', 'uncertainty', 'sample 1', 'sample 2'])
        >>> channel_names(channels=2, numbers=SampleNumbers(shown=0, averaged=9))[1][:3]
        ['mean, channel 1', 'mean, channel 2', 'uncertainty, channel 1']
    """
    planes = ["mean", "uncertainty"] if numbers.averaged else []
    planes += [f"sample {k + 1}" for k in range(numbers.shown)]
    if channels == 1:
        return ["image"], planes
    names = [f"channel {number + 1}" for number in range(channels)]
    return names, [f"{plane}, {name}" for plane in planes for name in names]


def write_description(
    folder: Path,
    metadata: Metadata,
    family: Family,
    channels: tuple[list[str], list[str]],
    weights: Mapping[str, Mapping[str, Any]],
    attachments: Sequence[str],
) -> None:
    """Write `rdf.yaml` into a folder that holds all other files of the package already.

    Args:
        folder: with README, cover and test tensors under the names of this module.
        metadata: of the model.
        family: of the model.
        channels: names of input and output channels.
        weights: one entry per weights format, fields of its bioimageio.spec class; "source" is a
            file in the folder.
        attachments: names of further files in the folder.
    """
    from bioimageio.spec import ValidationContext, get_package_content
    from bioimageio.spec.model import v0_5

    # URLs are not looked up: an export needs no network
    with ValidationContext(root=folder, perform_io_checks=False, log_warnings=False):
        fields: dict[str, Any] = {
            **metadata.fields(family),
            "timestamp": datetime.datetime.now(datetime.timezone.utc),
            "inputs": [_input(v0_5, folder, channels[0])],
            "outputs": [_output(v0_5, folder, channels[1])],
            "weights": {
                name: {**entry, **_file(folder, entry["source"])} for name, entry in weights.items()
            },
            "documentation": _file(folder, README_NAME),
            "covers": [_file(folder, COVER_NAME)],
            "attachments": [_file(folder, name) for name in attachments],
        }
        content = get_package_content(v0_5.ModelDescr(**fields), bioimageio_yaml_file_name=RDF_NAME)
    rdf: Any = content[RDF_NAME]
    # JDLL fails on the mappings that bioimageio.spec writes here; up to 0.5.10 they are names
    rdf["format_version"] = _FORMAT_VERSION
    rdf["documentation"] = README_NAME
    rdf["covers"] = [COVER_NAME]
    text = yaml.safe_dump(rdf, sort_keys=False, allow_unicode=True)
    (folder / RDF_NAME).write_text(text, encoding="utf-8")


def _input(v0_5: Any, folder: Path, channels: list[str]) -> Any:
    size = v0_5.ParameterizedSize(min=SMALLEST_SIZE, step=1)
    return v0_5.InputTensorDescr(
        id=INPUT_NAME,
        description="Noisy image, in counts of the camera, not normalised.",
        axes=[
            v0_5.BatchAxis(),
            v0_5.SpaceInputAxis(id="y", size=size),
            v0_5.SpaceInputAxis(id="x", size=size),
            v0_5.ChannelAxis(channel_names=channels),
        ],
        data=v0_5.IntervalOrRatioDataDescr(type="float32"),
        test_tensor=_file(folder, TEST_INPUT_NAME),
    )


def _output(v0_5: Any, folder: Path, channels: list[str]) -> Any:
    return v0_5.OutputTensorDescr(
        id=OUTPUT_NAME,
        description=f"Denoised image, counts; channels {channels[0]} to {channels[-1]}.",
        axes=[
            v0_5.BatchAxis(),
            *(
                v0_5.SpaceOutputAxis(
                    id=axis, size=v0_5.SizeReference(tensor_id=INPUT_NAME, axis_id=axis)
                )
                for axis in "yx"
            ),
            v0_5.ChannelAxis(channel_names=channels),
        ],
        data=v0_5.IntervalOrRatioDataDescr(type="float32"),
        test_tensor=_file(folder, TEST_OUTPUT_NAME),
    )


def _file(folder: Path, name: str) -> dict[str, str]:
    return {"source": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
