"""How a model is trained, as plain values."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt


class TrainingSettings(BaseModel):
    """What decides a training beside the images, the network and the time; the paper's by default.

    Attributes:
        patch_size: side of the patches, pixels.
        batch_size: patches in a step.
        steps_per_epoch: None for as many as tile the images once.
        augment: whether patches are flipped and rotated.
        validation_fraction: share of the pixels kept aside, to choose the best weights by.
        learning_rate: of Adam, at the beginning.
        halving_steps: after which the learning rate is half, falling as 1 / time; 0: constant.
        averaging: momentum of the running average of the weights that the model has at the end;
            None for the last weights, or the best ones where pixels are kept aside.
        annealing_start: epochs without the KL divergence, before the annealing.
        annealing_epochs: over which the KL divergence gets its weight; 0 for at once.
        strong_noise: begin as images need that are mostly noise; None to judge from the images
            and the noise model.
        plateau: halve the learning rate after 30 epochs without progress, end after 100.
        collapse_patience: epochs that the posterior may be collapsed before a restart; None:
            nothing watches.
        max_restarts: of a collapsed training.

    Example:
        >>> TrainingSettings(batch_size=8, averaging=0.98).patch_size
        128
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    patch_size: PositiveInt = 128
    batch_size: PositiveInt = 32
    steps_per_epoch: PositiveInt | None = None
    augment: bool = True
    validation_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.15
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 1e-3
    halving_steps: NonNegativeInt = 0
    averaging: Annotated[float, Field(gt=0, lt=1)] | None = None
    annealing_start: NonNegativeInt = 0
    annealing_epochs: NonNegativeInt = 0
    strong_noise: bool | None = False
    plateau: bool = True
    collapse_patience: PositiveInt | None = 2
    max_restarts: NonNegativeInt = 3
