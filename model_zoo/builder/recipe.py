"""The recipe of a package: everything that decides what comes out, read from recipe.yaml."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

from divnoising_tf.errors import InputError
from divnoising_tf.models.families import Network
from divnoising_tf.training.settings import TrainingSettings
from divnoising_tf.zoo import Metadata
from divnoising_tf.zoo.kinds import sample_numbers

RECIPE_NAME = "recipe.yaml"
_SAMPLE_RECIPES = "model_zoo/*/recipe.yaml of the project's repository show every line."

# epochs that the posterior may be collapsed before the training begins anew
_PATIENCE = 8

_Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    """Part of a recipe: no key is unknown, none is converted from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Fields(_Section):
    """Fields of view, counted from 1, both ends included."""

    first: PositiveInt
    last: PositiveInt

    @property
    def places(self) -> slice:
        """Where they are in an array of all fields."""
        return slice(self.first - 1, self.last)

    @model_validator(mode="after")
    def _rising(self) -> "Fields":
        if self.last < self.first:
            raise ValueError(f"last ({self.last}) is below first ({self.first})")
        return self


class DemoData(_Section):
    """The stained tissue of the demo, exposed by its simulated camera.

    Attributes:
        published: where the image can be had.
        exposures: of the same scene, for the noise model; one more is trained on.
    """

    source: Literal["demo"]
    published: _Text
    exposures: Annotated[int, Field(ge=2)]


class W2SData(_Section):
    """Single shots of W2S, 8 bit, in a folder under DIVNOISING_DATA.

    Attributes:
        published: where the images can be had.
        folder: name under DIVNOISING_DATA.
        channel: of the microscope.
        units: "counts" as they are, or "electrons", common to all images.
        training_fields: whose shots are trained on.
        noise_model_fields: whose shots and means make the noise model.
    """

    source: Literal["w2s"]
    published: _Text
    folder: _Text
    channel: Literal[0, 1, 2]
    units: Literal["counts", "electrons"]
    training_fields: Fields
    noise_model_fields: Fields


class MixtureNoise(_Section):
    """A Gaussian mixture, and what it is fitted to: `repeats`, `pairs`, or noisy images alone."""

    kind: Literal["gaussian-mixture"]
    method: Literal["repeats", "pairs", "bootstrap"]
    gaussians: PositiveInt
    coefficients: PositiveInt


class OtherNoise(_Section):
    """A noise model without sizes to choose; see `MixtureNoise`."""

    kind: Literal["poisson-gaussian", "histogram"]
    method: Literal["repeats", "pairs", "bootstrap"]


class Training(_Section):
    """How the model is trained.

    Attributes:
        minutes: of training.
        patch_size: pixels.
        batch_size: patches.
        steps_per_epoch: batches.
        learning_rate: of Adam.
        averaging: momentum of the running average of the weights, which is what is packaged.
        annealing_epochs: over which the KL divergence gets its weight.
        seed: of weights, patches and simulated noise.
    """

    minutes: PositiveFloat
    patch_size: PositiveInt
    batch_size: PositiveInt
    steps_per_epoch: PositiveInt
    learning_rate: PositiveFloat
    averaging: Annotated[float, Field(gt=0, lt=1)]
    annealing_epochs: NonNegativeInt
    seed: NonNegativeInt

    @property
    def settings(self) -> TrainingSettings:
        """What `dn.train` is told of them: no pixel is kept aside, the time is the end."""
        return TrainingSettings(
            **self.model_dump(exclude={"minutes", "seed"}),
            validation_fraction=0.0,
            plateau=False,
            collapse_patience=_PATIENCE,
        )


class Package(_Section):
    """What the package gives, see `zoo.export`.

    Attributes:
        test_image: "data": of the source; "generated": a sample from the model's prior, exposed
            to its noise model, so that the package holds no pixel of the data.
        test_size: side of the test image, pixels; of the data its centre is taken.
    """

    kind: Literal["full", "mmse", "samples"]
    n_samples: NonNegativeInt
    n_averaged: NonNegativeInt
    test_image: Literal["data", "generated"]
    test_size: Annotated[int, Field(ge=8, le=256)]

    @model_validator(mode="after")
    def _numbers_belong_to_the_kind(self) -> "Package":
        sample_numbers(self.kind, self.n_samples, self.n_averaged)
        return self


class Recipe(_Section):
    """All that decides what a package is; every line is needed.

    Attributes:
        command: that builds it, "python -m model_zoo build NAME".
        metadata: attributes of `zoo.Metadata`; the builder adds to `training`.
    """

    command: _Text
    data: Annotated[DemoData | W2SData, Field(discriminator="source")]
    noise_model: Annotated[MixtureNoise | OtherNoise, Field(discriminator="kind")]
    network: Network
    training: Training
    package: Package
    metadata: dict[str, Any]

    @field_validator("metadata")
    @classmethod
    def _is_metadata(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        Metadata.of(metadata)
        return metadata

    @model_validator(mode="after")
    def _patches_fit_the_network(self) -> "Recipe":
        multiple = self.network.multiple
        if self.training.patch_size % multiple:
            raise ValueError(f"training.patch_size is no multiple of {multiple}, the network's")
        return self


def read_recipe(folder: str | os.PathLike[str]) -> Recipe:
    """Read the recipe of a package.

    Args:
        folder: that holds recipe.yaml, named as the package.

    Returns:
        The recipe, checked.

    Raises:
        InputError: there is none, or what is in it is missing, unknown or not valid.
    """
    path = Path(folder) / RECIPE_NAME
    if not path.is_file():
        raise _no_recipe(path)
    try:
        recipe = Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _not_valid(path, " ".join(str(error).split())) from error
    except ValidationError as error:
        raise _not_valid(path, _reasons(error)) from error
    expected = f"python -m model_zoo build {path.absolute().parent.name}"
    if recipe.command != expected:
        raise _not_valid(path, f"command: is not '{expected}', though the folder's name says so")
    return recipe


def _no_recipe(path: Path) -> InputError:
    zoo = path.parent.parent
    names = sorted(file.parent.name for file in zoo.glob(f"*/{RECIPE_NAME}"))
    return InputError(
        "There is no recipe of this name.",
        path,
        f"In {zoo} there are: {', '.join(names) or 'none'}. Name another folder with --folder.",
    )


def _not_valid(path: Path, reasons: str) -> InputError:
    return InputError(
        "The recipe is not valid.", f"{path}: {reasons}", f"Correct it; {_SAMPLE_RECIPES}"
    )


def _reasons(error: ValidationError) -> str:
    """Return every reason, each with the place in the recipe that it belongs to."""
    reasons = []
    for one in error.errors():
        place = ".".join(map(str, one["loc"])) or "recipe"
        reasons.append(f"{place}: {one['msg'].removeprefix('Value error, ')}")
    return "; ".join(reasons)
