"""Digests of a model's weights in every file of them, compared whenever they are read."""

import contextlib
import hashlib
import os
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from functools import cached_property
from typing import Any

import keras
import numpy as np

from divnoising_tf.errors import InputError

_ENTRY = "sha256"
_DIGEST_BYTES = 32
# what seals have refused within `weights_from`: Keras makes an error of its own out of it
_refusals: ContextVar[list["WeightsError"] | None] = ContextVar("refusals", default=None)


class WeightsError(InputError):
    """Raised when a model's weights are not those that were saved, or are no numbers."""


class SealedModel(keras.Model):
    """A Keras model whose saved weights are verified when they are loaded.

    `keras.saving.load_model` and `load_weights` raise a `ValueError` that says why, if a weight
    is not the one that was saved, or is NaN or infinite. In files from before there was a digest,
    only the latter can be seen; Keras itself refuses where a layer's weights are missing.
    """

    @cached_property
    def _weights_seal(self) -> "WeightsSeal":
        # Not an attribute that Keras tracks, or it were a layer of the model. Keras still finds
        # it, and, as its name is private, after the layers, whose weights are then loaded.
        return WeightsSeal(self)


class WeightsSeal(keras.layers.Layer):
    """Writes the digest of a model's weights beside them, and compares it when they are read.

    It is a layer because Keras asks layers to save and load; no configuration names it.

    Args:
        model: the weights are those of its layers, and its own.
    """

    def __init__(self, model: keras.Model):
        super().__init__(name="weights_seal")
        # a layer would be tracked, and the model be a part of its own part
        self._model: Any = weakref.ref(model)
        self.built = True

    def save_own_variables(self, store: Any) -> None:
        """Write the digest; Keras calls it."""
        store[_ENTRY] = np.frombuffer(b"".join(variable_digests(self._weights())), np.uint8)

    def load_own_variables(self, store: Any) -> None:
        """Compare the digest; Keras calls it, after it has loaded the layers.

        Raises:
            WeightsError: the weights are not those that were saved, or are not finite.
        """
        try:
            check_finite(self._weights())
            self._compare(store)
        except WeightsError as error:
            refusals = _refusals.get()
            if refusals is not None:
                refusals.append(error)
            raise

    def _compare(self, store: Any) -> None:
        # files from before there was a digest have none
        if _ENTRY not in store.keys():  # noqa: SIM118, it is no dictionary
            return
        saved = np.asarray(store[_ENTRY], np.uint8).tobytes()
        places = range(0, len(saved), _DIGEST_BYTES)
        # a later version may know more variables, and in another order, but each that was saved
        missing = Counter(saved[place : place + _DIGEST_BYTES] for place in places)
        missing.subtract(variable_digests(self._weights()))
        if not saved or max(missing.values()) > 0:
            raise WeightsError(
                "The weights that were loaded are not those that were saved.",
                f"another digest of the weights of {self._sealed().name}",
                "Copy the file again, or load it with the version of divnoising_tf and Keras that "
                "wrote it. If it stays so, it is damaged: train again.",
            )

    def _sealed(self) -> keras.Model:
        # not a property: Keras would find the model in it, and begin anew
        model = self._model()
        # it holds this seal, so that nobody else can ask
        assert model is not None
        return model

    def _weights(self) -> list[keras.Variable]:
        return list(self._sealed().weights)


def variable_digests(weights: Iterable[Any]) -> list[bytes]:
    """Return a digest of every variable, its shape and its values, in an order of their own.

    Args:
        weights: variables or arrays.

    Example:
        >>> one, other = np.zeros(2), np.ones((3, 1))
        >>> variable_digests([one, other]) == variable_digests([other, one])
        True
    """
    arrays = (_array(values) for values in weights)
    return sorted(
        hashlib.sha256(repr(array.shape).encode() + np.asarray(array, "<f4").tobytes()).digest()
        for array in arrays
    )


def weights_digest(weights: Iterable[Any], about: str = "") -> "hashlib._Hash":
    """Return the SHA-256 of weights, in their order, as a `hashlib` object.

    Args:
        weights: variables or arrays.
        about: what else the digest is to depend on.

    Example:
        >>> weights_digest([np.zeros(2), 1.0]).hexdigest()[:8]
        'caccb9a8'
    """
    digest = hashlib.sha256(about.encode())
    for values in weights:
        digest.update(np.asarray(_array(values), "<f4").tobytes())
    return digest


def check_finite(weights: Iterable[Any]) -> None:
    """Refuse weights of which one is NaN or infinite.

    Args:
        weights: variables of a model.

    Raises:
        WeightsError: names the first such variable.
    """
    for variable in weights:
        if not np.all(np.isfinite(_array(variable))):
            raise WeightsError(
                "The weights of the model hold NaN or infinity.",
                variable.path,
                "Its training has failed: train again, with a smaller learning rate if the loss "
                "became NaN, or take a model that was saved before.",
            )


@contextlib.contextmanager
def weights_from(path: str | os.PathLike[str]) -> Iterator[None]:
    """Load weights in a block, whose refusal is an error of its own that names the file.

    Args:
        path: of the file.

    Raises:
        WeightsError: the weights are not those that were saved, or are not finite.
    """
    token = _refusals.set([])
    try:
        yield
    except Exception as error:
        for refusal in _refusals.get() or ():
            # where Keras quotes another error, the layers themselves could not be loaded
            if str(refusal) in str(error):
                received = f"{os.fspath(path)} ({refusal.received})"
                raise WeightsError(refusal.problem, received, refusal.advice) from error
        raise
    finally:
        _refusals.reset(token)


def _array(values: Any) -> np.ndarray:
    return np.asarray(values.numpy() if hasattr(values, "numpy") else values)
