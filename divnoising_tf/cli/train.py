"""`divnoising train`: noisy images and a noise model in, a trained model out."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from divnoising_tf.cli import _options
from divnoising_tf.cli._application import announce, tell
from divnoising_tf.cli._inputs import (
    joined_noise_models,
    load_noise_model,
    refuse_existing,
    require_suffix,
    without_blank,
)
from divnoising_tf.cli._one_run import lock_results
from divnoising_tf.cli._settings import settings_path, write_settings
from divnoising_tf.cli._training_files import check_state, save_model, write_history
from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import remove_folder

_TRAINING = "Training (the paper's, if you change nothing)"
_NETWORK = "Network"


def train(
    context: typer.Context,
    images: Annotated[
        list[Path],
        typer.Argument(
            help="Noisy images: a folder, or files (TIFF, .npy, .npz, OME-Zarr).",
            show_default=False,
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
            help="Share of the images kept aside, to see when to stop.", rich_help_panel=_TRAINING
        ),
    ] = 0.15,
    patch_size: Annotated[
        int,
        typer.Option(
            min=1, help="Side of the training patches, pixels.", rich_help_panel=_TRAINING
        ),
    ] = 128,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Patches in one step.", rich_help_panel=_TRAINING)
    ] = 32,
    steps_per_epoch: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            min=1,
            help="Steps in an epoch; as many as tile the images once, if not given.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    augment: Annotated[
        bool, typer.Option(help="Flip and rotate the patches.", rich_help_panel=_TRAINING)
    ] = True,
    learning_rate: Annotated[
        float, typer.Option(help="Of Adam, at the beginning.", rich_help_panel=_TRAINING)
    ] = 1e-3,
    anneal: Annotated[
        int,
        typer.Option(
            min=0,
            help="Raise the weight of the KL divergence over this many epochs; try 15 when all "
            "samples look the same.",
            rich_help_panel=_TRAINING,
        ),
    ] = 0,
    strong_noise: Annotated[
        bool | None,
        typer.Option(
            "--strong-noise/--ordinary-noise",
            help="Begin as images need that are mostly noise; without either, judged from the "
            "images and the noise model.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    beta: Annotated[
        float,
        typer.Option(
            help="Weight of the KL divergence; more gives smoother images.",
            rich_help_panel=_TRAINING,
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
            rich_help_panel=_TRAINING,
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
    lock_results(context, output)
    refuse_existing(_results(output, learn_noise), overwrite)
    state = output.with_suffix(".training")
    check_state(context, state, resume, overwrite)
    _check_options(patch_size, depth, batch_size, validation, seed, steps_per_epoch)
    network, settings_of_training = _settings_of(context.params)
    _check_noise_models(noise_model or [], learn_noise)

    from divnoising_tf.cli._training_data import (
        check_training_data,
        training_data,
        write_training_data,
    )
    from divnoising_tf.data import read_images
    from divnoising_tf.noise_models.units import check_units

    read = without_blank(read_images(images, axes))
    noise = _noise_model(noise_model or [], read, learn_noise)
    data = training_data(read, noise_model or [])
    check_training_data(state, data)
    check_units([image.array for image in read], noise, [image.name for image in read])

    def note_what_begins() -> None:
        write_training_data(state, data)
        write_settings(context, state / "settings.yaml", overwrite=True)

    trained = _trained(
        note_what_begins,
        read,
        noise,
        network,
        settings_of_training,
        minutes=minutes,
        epochs=epochs,
        seed=seed,
        precision=precision.value,
        folder=state,
    )
    save_model(trained.model, output, overwrite)
    write_history(trained.history, _history_path(output), overwrite)
    write_settings(context, settings_path(output), overwrite)
    if learn_noise:
        trained.model.noise_model.save(_learned_noise_path(output), overwrite)
    remove_folder(state)
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


def _noise_model(paths: list[Path], images: list[Any], learn_noise: bool) -> Any:
    """Read the noise model, or estimate one from the images to begin with."""
    from divnoising_tf.data import to_planes
    from divnoising_tf.noise_models.first_estimate import estimated_noise_model

    stacks = [to_planes(image.array, image.axes).array for image in images]
    if learn_noise and not paths:
        estimated = estimated_noise_model(stacks)
        tell(f"Learning begins from {estimated}.")
        return estimated
    noise = joined_noise_models(paths, stacks[0].shape[-1])
    noise.trainable = learn_noise
    return noise


def _trained(
    at_begin: Callable[[], None],
    images: list[Any],
    *how: Any,
    minutes: float | None,
    folder: Path,
    **options: Any,
) -> Any:
    """Train with a progress bar, and say how to go on if interrupted; see `dn.train`.

    What is written `at_begin` is not there if the training is refused.
    """
    import keras

    from divnoising_tf.cli._training_progress import TrainingProgress
    from divnoising_tf.training.time_limit import TimeLimit
    from divnoising_tf.training.train import most_epochs, train

    limit = None if minutes is None else TimeLimit(minutes)
    shown = TrainingProgress(most_epochs(options["epochs"], limit), limit)
    try:
        return train(
            images,
            *how,
            minutes=limit,
            folder=folder,
            callbacks=[keras.callbacks.LambdaCallback(on_train_begin=lambda _: at_begin()), shown],
            **options,
        )
    except (KeyboardInterrupt, OSError):  # such as that of a full disk
        shown.close()
        tell(f"The state is kept in {folder}: go on with the same command and --resume.")
        raise


def _check_options(
    patch_size: int,
    depth: int,
    batch_size: int,
    validation: float,
    seed: int,
    steps_per_epoch: int | None,
) -> None:
    """Refuse what no images could be trained on with, before they are read."""
    from divnoising_tf.data.patches import check_arguments

    check_arguments(patch_size, batch_size, validation, seed, steps_per_epoch)
    multiple = 2**depth
    if patch_size % multiple:
        raise InputError(
            f"The side of a patch must be a multiple of {multiple} pixels at this depth.",
            f"{patch_size} pixels",
            f"Give {max(1, patch_size // multiple) * multiple}, for instance.",
        )


def _check_noise_models(paths: list[Path], learn_noise: bool) -> None:
    """Refuse files that are no noise models, or that there are none, before images are read."""
    if paths or not learn_noise:
        joined_noise_models(paths[:1], channels=1)
    for path in paths[1:]:
        load_noise_model(path)


def _settings_of(options: dict[str, Any]) -> tuple[Any, Any]:
    """Return the settings of the network and of the training that these options ask for."""
    from divnoising_tf.models.divnoising.settings import DivNoisingSettings
    from divnoising_tf.models.settings import checked_settings
    from divnoising_tf.training.settings import TrainingSettings

    sizes = ("depth", "latent_channels", "base_channels", "beta")
    network = checked_settings(DivNoisingSettings, {name: options[name] for name in sizes})
    same = ("patch_size", "batch_size", "steps_per_epoch", "augment", "learning_rate")
    training = {
        **{name: options[name] for name in (*same, "strong_noise")},
        "validation_fraction": options["validation"],
        "annealing_epochs": options["anneal"],
    }
    return network, checked_settings(TrainingSettings, training)
