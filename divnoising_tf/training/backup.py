"""A training that was killed goes on from its last epoch, as if nothing had happened."""

import io
import json
import math
import os
import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from divnoising_tf.errors import InputError
from divnoising_tf.files.atomic import atomic_path, remove_folder
from divnoising_tf.models.saved_weights import WeightsError, check_finite, weights_from

STATE_NAME = "state.json"
_SUFFIX = ".npz"
_OLD_SUFFIX = ".weights.h5"  # of Keras, whose writer does not bear a full disk
_NUMBERS = re.compile(r"_\d+(?=[_/]|$)")
_ENTRIES = {"epoch", "weights", "best_weights", "seeds", "callbacks", "history"}
# what these callbacks of Keras, and of this package, know beyond the model's weights
_REMEMBERED = (
    "best",
    "wait",
    "cooldown_counter",
    "used_seconds",
    "restarts",
    "begun_at",
    "restarted_at",
    "collapsed_epochs",
)


class TrainingBackup(keras.callbacks.Callback):
    """Saves the state of a training after every epoch, and takes it up again.

    Unlike `keras.callbacks.BackupAndRestore` it also keeps the best weights, the history and
    what the other callbacks count, and every file appears only when it is complete, so that
    a kill at any moment leaves a state to go on from. It must be the last of the callbacks:

        backup = TrainingBackup("training", callbacks)
        model.fit(train, initial_epoch=backup.epoch, callbacks=[*callbacks, backup], ...)
        backup.load_best(model)

    Args:
        folder: where the state is kept; made when needed.
        callbacks: the other callbacks, whose counts are kept.
        monitor: the metric, smaller is better, by which the best weights are chosen.

    Attributes:
        epoch: the epoch to go on with; 0 if there is nothing to go on from.
        history: the metrics of all epochs so far, one dictionary each.

    Raises:
        InputError: the folder holds something else, when training begins also: its weights are
            not those that were saved, or are not finite.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        callbacks: Sequence[keras.callbacks.Callback] = (),
        monitor: str = "val_loss",
    ):
        super().__init__()
        self.folder = Path(folder)
        self.monitor = monitor
        self._callbacks = list(callbacks)
        self._state = self._read()
        self.epoch: int = self._state.get("epoch", 0)
        self.history: list[dict[str, float]] = self._state.get("history", [])

    def on_train_begin(self, logs: Any = None) -> None:
        """Take up the saved state, if there is one."""
        if not self._state:
            return
        self._load(self.model, self._state["weights"])
        for variable, value in zip(_seeds(self.model), self._state["seeds"], strict=False):
            variable.assign(value)
        for callback, known in zip(self._callbacks, self._state["callbacks"], strict=False):
            for name, value in known.items():
                setattr(callback, name, value)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save weights, optimiser, counts and history."""
        self.history.append({"epoch": epoch, **{k: float(v) for k, v in (logs or {}).items()}})
        weights = f"epoch-{epoch}{_SUFFIX}"
        _write_variables(self.model, self.folder / weights)
        best = self._state.get("best_weights")
        if best is None or self._is_best():
            # a link takes no space; where there are none, a copy does
            best = f"best-{epoch}{_SUFFIX}"
            _link(self.folder / weights, self.folder / best)
        self._state = {
            "epoch": epoch + 1,
            "weights": weights,
            "best_weights": best,
            "seeds": [variable.numpy().tolist() for variable in _seeds(self.model)],
            "callbacks": [_counts(callback) for callback in self._callbacks],
            "history": self.history,
        }
        with atomic_path(self.folder / STATE_NAME, overwrite=True) as temporary:
            temporary.write_text(json.dumps(self._state), encoding="utf-8")
        for file in self.folder.iterdir():
            if file.name.endswith((_SUFFIX, _OLD_SUFFIX)) and file.name not in (weights, best):
                file.unlink(missing_ok=True)

    def load_best(self, model: keras.Model) -> None:
        """Give the model the weights of its best epoch."""
        if self._state:
            self._load(model, self._state["best_weights"])

    def remove(self) -> None:
        """Delete the saved state, when the trained model is safe."""
        remove_folder(self.folder)

    def _is_best(self) -> bool:
        losses = (logs.get(self.monitor, math.inf) for logs in self.history)
        values = [math.inf if math.isnan(loss) else loss for loss in losses]
        return values[-1] < min(values[:-1], default=math.inf)

    def _read(self) -> dict[str, Any]:
        file = self.folder / STATE_NAME
        if not file.exists():
            return {}
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            if set(state) >= _ENTRIES:
                return dict(state)
        except (OSError, ValueError, TypeError) as error:
            raise self._unusable(error) from error
        raise self._unusable("entries are missing")

    def _load(self, model: keras.Model, weights: str) -> None:
        # an optimiser has no state to load into before it is built
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        try:
            if weights.endswith(_OLD_SUFFIX):
                with weights_from(self.folder / weights):
                    model.load_weights(self.folder / weights)
            else:
                _read_variables(model, self.folder / weights)
                check_finite(model.weights)
        except WeightsError:
            raise
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise self._unusable(error) from error

    def _unusable(self, reason: object) -> InputError:
        return InputError(
            "The saved state of the training does not belong to this model, or is damaged.",
            f"{self.folder} ({str(reason).splitlines()[0] if str(reason) else reason})",
            "Go on with the settings the training began with, or delete the folder and begin anew.",
        )


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Return weights and the optimiser's state by place and name."""
    # Keras numbers equal names through the whole process, so that these numbers say nothing
    return {
        f"{number} {_NUMBERS.sub('', variable.path)}": variable
        for number, variable in enumerate([*model.weights, *model.optimizer.variables])
    }


def _write_variables(model: keras.Model, path: Path) -> None:
    """Write weights and the optimiser's state through memory: the disk gets whole bytes or none."""
    content = io.BytesIO()
    arrays = {name: variable.numpy() for name, variable in _variables(model).items()}
    np.savez(content, **arrays)
    with atomic_path(path, overwrite=True) as temporary, temporary.open("wb") as file:
        file.write(content.getbuffer())
        file.flush()
        # the state that names it must not survive a crash of the machine alone
        os.fsync(file.fileno())


def _read_variables(model: keras.Model, path: Path) -> None:
    """Read what `_write_variables` wrote into an equal model, or change nothing.

    Raises:
        ValueError: the model has other variables.
    """
    variables = _variables(model)
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    if shapes != {name: array.shape for name, array in arrays.items()}:
        raise ValueError("the weights have other names or shapes")
    for name, variable in variables.items():
        variable.assign(arrays[name])


def _seeds(model: keras.Model) -> list[keras.Variable]:
    """Return the states of the random numbers, which Keras does not save with the weights."""
    return [one for one in model.variables if one.path.endswith("seed_generator_state")]


def _counts(callback: keras.callbacks.Callback) -> dict[str, Any]:
    counts = {name: getattr(callback, name) for name in _REMEMBERED if hasattr(callback, name)}
    return {name: None if value is None else float(value) for name, value in counts.items()}


def _link(existing: Path, name: Path) -> None:
    with atomic_path(name, overwrite=True) as temporary:
        try:
            os.link(existing, temporary)
        except OSError:
            shutil.copyfile(existing, temporary)
