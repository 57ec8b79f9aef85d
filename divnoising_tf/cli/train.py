"""`divnoising train`: noisy images and a noise model in, a trained model out."""

import warnings
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._inputs import (
    estimated_noise_model,
    is_strong_noise,
    joined_noise_models,
    refuse_existing,
    require_suffix,
    without_blank,
)
from divnoising_tf.cli._settings import settings_path, write_settings
from divnoising_tf.cli._training_files import check_state, save_model, write_history
from divnoising_tf.errors import InputError

_RECIPE = "Recipe (the paper's, if you change nothing)"
_NETWORK = "Network"
_DEFAULT_EPOCHS = 200
_MANY_EPOCHS = 1_000_000  # where the minutes decide


def train(
    context: typer.Context,
    images: Annotated[
        list[Path],
        typer.Argument(
            help="Noisy images: a folder, or files (TIFF, .npy, .npz).", show_default=False
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Name of the model, ends in .keras.")
    ],
    noise_model: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            help="What the camera does: .json from 'divnoising noise-model', or an .npz of PN2V, "
            "DivNoising or HDN. For images with channels one for all, or once for each.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            min=1, help="Train at most this often over the images (200 without --minutes)."
        ),
    ] = None,
    minutes: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Train at most this long. An hour on a laptop is a good beginning."),
    ] = None,
    axes: _options.Axes = None,
    validation: Annotated[
        float,
        typer.Option(
            help="Share of the images kept aside, to see when to stop.", rich_help_panel=_RECIPE
        ),
    ] = 0.15,
    patch_size: Annotated[
        int,
        typer.Option(min=1, help="Side of the training patches, pixels.", rich_help_panel=_RECIPE),
    ] = 128,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Patches in one step.", rich_help_panel=_RECIPE)
    ] = 32,
    steps_per_epoch: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            min=1,
            help="Steps in an epoch; as many as tile the images once, if not given.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    augment: Annotated[
        bool, typer.Option(help="Flip and rotate the patches.", rich_help_panel=_RECIPE)
    ] = True,
    learning_rate: Annotated[
        float, typer.Option(help="Of Adam, at the beginning.", rich_help_panel=_RECIPE)
    ] = 1e-3,
    anneal: Annotated[
        int,
        typer.Option(
            min=0,
            help="Raise the weight of the KL divergence over this many epochs; try 15 when all "
            "samples look the same.",
            rich_help_panel=_RECIPE,
        ),
    ] = 0,
    strong_noise: Annotated[
        bool | None,
        typer.Option(
            "--strong-noise/--ordinary-noise",
            help="Begin as images need that are mostly noise; without either, judged from the "
            "images and the noise model.",
            rich_help_panel=_RECIPE,
        ),
    ] = None,
    beta: Annotated[
        float,
        typer.Option(
            help="Weight of the KL divergence; more gives smoother images.", rich_help_panel=_RECIPE
        ),
    ] = 1.0,
    depth: Annotated[
        int,
        typer.Option(
            min=1, help="Levels of the network: 2, or 3 for more.", rich_help_panel=_NETWORK
        ),
    ] = 2,
    latent_channels: Annotated[
        int, typer.Option(min=1, help="Channels of the latent space.", rich_help_panel=_NETWORK)
    ] = 64,
    base_channels: Annotated[
        int, typer.Option(min=1, help="Channels of the first level.", rich_help_panel=_NETWORK)
    ] = 32,
    learn_noise: Annotated[
        bool,
        typer.Option(
            "--learn-noise",
            help="Improve the noise model during training; without --noise-model from an estimate "
            "made from the images. Also writes it (.noise.json).",
            rich_help_panel=_RECIPE,
        ),
    ] = False,
    precision: Annotated[
        _options.Precision,
        typer.Option(
            help="auto takes bfloat16 where the processor is fast in it.", rich_help_panel=_NETWORK
        ),
    ] = _options.Precision.auto,
    seed: _options.Seed = 0,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with a training that was interrupted; begin if there is none.",
            rich_help_panel="General",
        ),
    ] = False,
    settings: _options.Settings = None,
    overwrite: _options.Overwrite = False,
) -> None:
    """Learn to denoise from noisy images alone.

    Writes the model, its settings (.settings.yaml) and the losses of all epochs (.history.csv).
    The defaults are those of the paper.
    """
    require_suffix(output, (".keras",), "the model")
    refuse_existing(_results(output, learn_noise), overwrite)
    state = output.with_suffix(".training")
    check_state(context, state, resume, overwrite)

    import keras

    from divnoising_tf.backup import TrainingBackup
    from divnoising_tf.data import patches, read_images, to_planes
    from divnoising_tf.model import DivNoising
    from divnoising_tf.outliers import warn_of_training
    from divnoising_tf.precision import chosen_precision, described_precision
    from divnoising_tf.recipe import recipe_callbacks
    from divnoising_tf.strong_noise import STRONG_NOISE_NETWORK, strong_noise_annealing
    from divnoising_tf.units import check_units

    read = without_blank(read_images(images, axes))
    stacks = [to_planes(image.array, image.axes).array for image in read]
    noise = _noise_model(noise_model or [], stacks, learn_noise)
    arrays = [image.array for image in read]
    names = [image.name for image in read]
    check_units(arrays, noise, names)
    strong = is_strong_noise(strong_noise, arrays, noise)
    keras.utils.set_random_seed(seed)
    dtype = chosen_precision(precision.value)
    tell(f"Computing in {described_precision(dtype)}.")
    model = DivNoising(
        noise,
        depth=depth,
        latent_channels=latent_channels,
        base_channels=base_channels,
        channels=stacks[0].shape[-1],
        beta=beta,
        dtype=dtype,
        **(STRONG_NOISE_NETWORK if strong else {}),
    )
    _check_patch_size(patch_size, model.multiple)
    model.compile(optimizer=keras.optimizers.Adam(_positive(learning_rate)))
    training, held_out = patches(
        read,
        patch_size,
        batch_size,
        validation_fraction=validation,
        seed=seed,
        augment=augment,
        steps_per_epoch=steps_per_epoch,
        first_epoch=TrainingBackup(state).epoch,
    )
    warn_of_training(_outliers(model, training, names, stacks), len(read), model.bounds)
    start = 0
    if strong:
        start, rise = strong_noise_annealing(int(training.cardinality()))
        anneal = max(anneal, rise)
    callbacks = recipe_callbacks(minutes, anneal, validation > 0, start)
    monitor = "val_loss" if validation > 0 else "loss"
    backup = TrainingBackup(state, callbacks, monitor)
    write_settings(context, state / "settings.yaml", overwrite=True)
    if backup.epoch:
        tell(f"Going on with epoch {backup.epoch + 1}.")
    most_epochs = epochs or (_DEFAULT_EPOCHS if minutes is None else _MANY_EPOCHS)
    _fit(model, training, held_out, most_epochs, callbacks, backup)
    backup.load_best(model)
    _check_learned(backup.history)
    save_model(model, output, overwrite)
    write_history(backup.history, _history_path(output), overwrite)
    write_settings(context, settings_path(output), overwrite)
    if learn_noise:
        model.noise_model.save(_learned_noise_path(output), overwrite)
    backup.remove()
    for path in _results(output, learn_noise):
        announce(path)


def _results(output: Path, learn_noise: bool) -> list[Path]:
    """Return all that is written, the model first."""
    results = [output, settings_path(output), _history_path(output)]
    return [*results, _learned_noise_path(output)] if learn_noise else results


def _history_path(output: Path) -> Path:
    return output.with_suffix(".history.csv")


def _learned_noise_path(output: Path) -> Path:
    return output.with_suffix(".noise.json")


def _noise_model(paths: list[Path], stacks: list[Any], learn_noise: bool) -> Any:
    """Read the noise model, or estimate one from the images (n, y, x, channel) to begin with."""
    if learn_noise and not paths:
        estimated = estimated_noise_model(stacks)
        tell(f"Learning begins from {estimated}.")
        return estimated
    noise = joined_noise_models(paths, stacks[0].shape[-1])
    noise.trainable = learn_noise
    return noise


def _outliers(model: Any, training: Any, names: list[str], stacks: list[Any]) -> dict[str, Any]:
    """Measure the images, and return the hot pixels of those that have some, by their names."""
    from divnoising_tf.outliers import OutlierWarning, outliers

    with warnings.catch_warnings():
        # what is said of patches knows no names
        warnings.simplefilter("ignore", OutlierWarning)
        model.adapt(training)
    found = {name: outliers(one, model.bounds) for name, one in zip(names, stacks, strict=True)}
    return {name: one for name, one in found.items() if one is not None}


def _fit(
    model: Any, training: Any, held_out: Any, most_epochs: int, callbacks: list[Any], backup: Any
) -> None:
    """Train from where the backup stands, with a progress bar; say how to go on if interrupted."""
    from divnoising_tf.cli._training_progress import TrainingProgress
    from divnoising_tf.recipe import TimeLimit

    limit = next((one for one in callbacks if isinstance(one, TimeLimit)), None)
    shown = TrainingProgress(most_epochs, limit)
    try:
        model.fit(
            training,
            validation_data=held_out,
            epochs=most_epochs,
            initial_epoch=backup.epoch,
            callbacks=[*callbacks, backup, shown],
            verbose=0,
        )
    except KeyboardInterrupt:
        shown.close()
        tell(f"The state is kept in {backup.folder}: go on with the same command and --resume.")
        raise


def _check_patch_size(patch_size: int, multiple: int) -> None:
    if patch_size % multiple:
        raise InputError(
            f"The side of a patch must be a multiple of {multiple} pixels at this depth.",
            f"{patch_size} pixels",
            f"Give {max(1, patch_size // multiple) * multiple}, for instance.",
        )


def _positive(learning_rate: float) -> float:
    if not 0 < learning_rate < 1:
        raise InputError(
            "The learning rate must be between 0 and 1.", learning_rate, "The paper takes 0.001."
        )
    return learning_rate


def _check_learned(history: list[dict[str, float]]) -> None:
    import math

    if not any(math.isfinite(epoch.get("loss", math.nan)) for epoch in history):
        raise InputError(
            "The training found no finite loss.",
            f"{len(history)} epochs",
            "Try --precision float32 or a smaller --learning-rate, and look at the noise model "
            "with 'divnoising noise-model report'.",
        )
