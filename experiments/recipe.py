"""The recipe of an experiment, recipes/NAME.yaml: everything that decides what comes out."""

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
    model_validator,
)

from divnoising_tf.errors import InputError
from divnoising_tf.models.families import Network, network_settings
from divnoising_tf.training.settings import TrainingSettings
from experiments.task import Task
from experiments.tasks import TaskName

FOLDER = Path(__file__).parent / "recipes"
# epochs that the posterior may be collapsed
_PATIENCE = 8
_KINDS = Path(__file__).parent / "kinds"

Method = Literal["noisy", "nlm", "bm3d", "noise2void", "pn2v", "divnoising", "care"]
_Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    """Part of a recipe: no key is unknown, none is converted from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Training(_Section):
    """How all methods see the images, and how DivNoising is trained on them.

    Attributes:
        patch_size: of all methods, pixels.
        batch_size: of all methods, patches.
        steps_per_epoch: batches between two looks at the posterior.
        annealing_start: epochs before it, without the KL divergence.
        annealing_epochs: over which the KL divergence gets its weight; after a collapse too.
        learning_rate: of Adam.
        halving: steps after which the learning rate is half, falling as 1 / time; 0: constant.
        averaging: momentum of the running average of the weights.
        most_steps: end a training early, to try a recipe or to repeat one on a slower machine.
    """

    patch_size: PositiveInt = 128
    batch_size: PositiveInt = 4
    steps_per_epoch: PositiveInt = 100
    annealing_start: NonNegativeInt = 0
    annealing_epochs: NonNegativeInt = 5
    learning_rate: PositiveFloat = 1e-3
    halving: NonNegativeInt = 4000
    averaging: Annotated[float, Field(gt=0, lt=1)] = 0.998
    most_steps: PositiveInt | None = None

    def settings(self, task: Task, restarts: int) -> TrainingSettings:
        """Return what `dn.train` is told of them.

        Args:
            task: whose patches they are.
            restarts: of a collapsed posterior at most; with 0 nothing watches for one.
        """
        return TrainingSettings(
            patch_size=task.patch_size,
            batch_size=task.batch_size,
            steps_per_epoch=self.steps_per_epoch,
            augment=task.augment,
            validation_fraction=0.0,
            learning_rate=self.learning_rate,
            halving_steps=self.halving,
            averaging=self.averaging,
            annealing_start=self.annealing_start,
            annealing_epochs=self.annealing_epochs,
            plateau=False,
            collapse_patience=_PATIENCE if restarts else None,
            max_restarts=restarts,
        )

    @property
    def patches(self) -> dict[str, int]:
        """What a loader of a task is told of them."""
        return {"patch_size": self.patch_size, "batch_size": self.batch_size}


class Sampling(_Section):
    """How DivNoising's estimates are made.

    Attributes:
        samples: for the MMSE, the most.
        tolerance: of the MMSE's standard error, in the samples' standard deviations.
        mode_samples: for the MAP.
        mode_images: the first test images, of which the MAP is made; None for all.
        mode_size: side of the corner of them, pixels; None for the whole image.
        calibration_samples: for the calibration of the uncertainty.
    """

    samples: Annotated[int, Field(ge=2)] = 1000
    tolerance: PositiveFloat = 0.1
    mode_samples: Annotated[int, Field(ge=2)] = 100
    mode_images: PositiveInt | None = None
    mode_size: PositiveInt | None = None
    calibration_samples: Annotated[int, Field(ge=2)] = 100


class Row(_Section):
    """A row of a table: a data set with its protocol.

    Attributes:
        title: what the table calls it.
        published: where the images can be had: DOI or web page.
        here: false if nobody could run it here, for want of the images.
        task: loader in experiments/tasks.
        options: of the loader.
        metric: "psnr", or "psnr_affine" after the best affine match.
        peak: of the PSNR, counts; None for the range of the truth.
        network: of DivNoising, or of the family that it names.
        training: of all methods.
        sampling: of DivNoising.
        minutes: of training; None for the recipe's.
        seeds: None for the recipe's.
        methods: that make sense for it; None for the recipe's.
        same_images_as: another row, that has the scores of methods that are not of this one.
    """

    title: _Text
    published: _Text
    here: bool = True
    task: TaskName
    options: dict[str, Any] = {}
    metric: Literal["psnr", "psnr_affine"] = "psnr"
    peak: PositiveFloat | None = None
    network: Network = network_settings({})
    training: Training = Training()
    sampling: Sampling = Sampling()
    minutes: PositiveFloat | None = None
    seeds: Annotated[list[NonNegativeInt], Field(min_length=1)] | None = None
    methods: list[Method] | None = None
    same_images_as: str | None = None

    @model_validator(mode="after")
    def _patches_fit_the_network(self) -> "Row":
        multiple = self.network.multiple
        if self.training.patch_size % multiple:
            raise ValueError(f"training.patch_size is no multiple of {multiple}, the network's")
        return self


class Recipe(_Section):
    """What is run.

    Attributes:
        title: in one line.
        kind: module in experiments/kinds that runs and draws it.
        minutes: of training, for each method alike; None for a kind that does not train for a time.
        seeds: each is a run of its own.
        methods: of every row; empty for a kind without methods.
        rows: of the table by name; empty for a kind without rows.
        settings: of the kind.
    """

    title: _Text
    kind: _Text
    minutes: PositiveFloat | None = None
    seeds: Annotated[list[NonNegativeInt], Field(min_length=1)] = [0]
    methods: list[Method] = []
    rows: dict[str, Row] = {}
    settings: dict[str, Any] = {}

    @model_validator(mode="after")
    def _is_consistent(self) -> "Recipe":
        if bool(self.rows) != bool(self.methods):
            raise ValueError("rows and methods belong together: give both or none")
        for name, row in self.rows.items():
            if row.same_images_as is not None and row.same_images_as not in self.rows:
                raise ValueError(f"rows.{name}.same_images_as: there is no {row.same_images_as!r}")
        if not (_KINDS / f"{self.kind}.py").is_file():
            kinds = sorted(file.stem for file in _KINDS.glob("[a-z]*.py"))
            raise ValueError(f"kind: {self.kind!r} is none of {', '.join(kinds)}")
        return self


def recipe_names(folder: Path = FOLDER) -> list[str]:
    """Return the names of all recipes."""
    return sorted(file.stem for file in folder.glob("*.yaml"))


def read_recipe(name: str, folder: Path = FOLDER) -> Recipe:
    """Read a recipe.

    Args:
        name: of the file, without .yaml.
        folder: that holds it.

    Returns:
        The recipe, checked.

    Raises:
        InputError: there is none, or what is in it is missing, unknown or not valid.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        names = ", ".join(recipe_names(folder)) or "none"
        raise InputError("There is no experiment of this name.", name, f"There are: {names}.")
    try:
        return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _not_valid(path, " ".join(str(error).split())) from error
    except ValidationError as error:
        raise _not_valid(path, _reasons(error)) from error


def _not_valid(path: Path, reasons: str) -> InputError:
    return InputError(
        "The recipe is not valid.",
        f"{path.name}: {reasons}",
        "Correct it; experiments/recipe.py says what every line means.",
    )


def _reasons(error: ValidationError) -> str:
    """Return every reason, each with the place in the recipe that it belongs to."""
    reasons = []
    for one in error.errors():
        place = ".".join(map(str, one["loc"])) or "recipe"
        reasons.append(f"{place}: {one['msg'].removeprefix('Value error, ')}")
    return "; ".join(reasons)
