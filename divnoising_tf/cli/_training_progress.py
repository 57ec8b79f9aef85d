"""Shows how a training goes: epoch, losses, time left."""

import time
from typing import Any

import keras
import rich.console
import rich.progress

from divnoising_tf.cli._application import tell


class TrainingProgress(keras.callbacks.Callback):
    """A bar on a terminal, and a line for each epoch elsewhere.

    Args:
        epochs: when training ends at the latest.
        limit: the `TimeLimit` that counts the minutes, if there is one.
    """

    def __init__(self, epochs: int, limit: Any = None):
        super().__init__()
        self._epochs = epochs
        self._limit = limit
        self._console = rich.console.Console(stderr=True)
        self._bar: rich.progress.Progress | None = None
        self._task: Any = None
        self._first_epoch: int | None = None
        self._epoch = 0
        self._losses = ""

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the bar."""
        self._begin = time.monotonic()
        if self._console.is_terminal:
            self._bar = rich.progress.Progress(
                rich.progress.TextColumn("{task.description}"),
                rich.progress.BarColumn(),
                rich.progress.TextColumn("{task.fields[left]}"),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("Training", total=1.0, left="")
            self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note which epoch it is."""
        self._epoch = epoch
        if self._first_epoch is None:
            self._first_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar."""
        steps = (self.params or {}).get("steps") or 1
        self._show((batch + 1) / steps)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Report the losses."""
        logs = logs or {}
        self._losses = f"loss {logs['loss']:.4f}" if "loss" in logs else ""
        if "val_loss" in logs:
            self._losses += f", validation {logs['val_loss']:.4f}"
        if "kl" in logs:
            self._losses += f", KL {logs['kl']:.4f}"
        self._show(1.0)
        if self._bar is None:
            tell(f"{self._described()}: {self._losses}; {self._time_left(1.0)}")

    def on_train_end(self, logs: Any = None) -> None:
        """Close the bar."""
        self.close()
        spent = (time.monotonic() - self._begin) / 60
        tell(f"Trained {self._epoch + 1} epochs, {spent:.1f} minutes in this run. {self._losses}")

    def close(self) -> None:
        """Take the bar off the screen, also when training was interrupted."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, share_of_epoch: float) -> None:
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=self._share(share_of_epoch),
                description=f"{self._described()}  {self._losses}",
                left=self._time_left(share_of_epoch),
            )

    def _described(self) -> str:
        return f"Epoch {self._epoch + 1}" + ("" if self._limit else f" of {self._epochs}")

    def _share(self, share_of_epoch: float) -> float:
        """Return how much of the training is done, by time or by epochs, whichever ends first."""
        done = (self._epoch + share_of_epoch) / self._epochs
        if self._limit is not None:
            done = max(done, self._limit.used_seconds / (60 * self._limit.minutes))
        return min(1.0, done)

    def _time_left(self, share_of_epoch: float) -> str:
        spent = time.monotonic() - self._begin
        epochs = self._epoch + share_of_epoch - (self._first_epoch or 0)
        left = spent / max(epochs, 1e-3) * max(0.0, self._epochs - self._epoch - share_of_epoch)
        if self._limit is not None:
            left = min(left, max(0.0, 60 * self._limit.minutes - self._limit.used_seconds))
        if left >= 5400:
            return f"{left / 3600:.1f} h left"
        return f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left"
