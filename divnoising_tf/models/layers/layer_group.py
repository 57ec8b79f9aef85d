"""Layers that belong together, held where every version of Keras saves them."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from divnoising_tf.models.configuration import deserialised


@keras.saving.register_keras_serializable("divnoising_tf")
class LayerGroup(keras.layers.Layer):
    """Holds layers under names; it computes nothing and has no weights of its own.

    Keras below 3.15 neither saves nor loads layers in a list of lists, and says nothing. Layers
    that are attributes of a layer are saved by all versions. A group is iterated over as a list
    of its layers would be.

    Args:
        layers: by name; the names are parts of the paths in saved files.

    Example:
        >>> pooling = keras.layers.MaxPooling2D(data_format="channels_last")
        >>> group = LayerGroup({"pooling": pooling, "inner": LayerGroup({})})
        >>> [type(layer).__name__ for layer in group]
        ['MaxPooling2D', 'LayerGroup']
    """

    def __init__(self, layers: Mapping[str, keras.layers.Layer], **kwargs: Any):
        super().__init__(**kwargs)
        self._names = tuple(layers)
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.built = True

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, name) for name in self._names)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, the layers serialised."""
        layers = dict(zip(self._names, self, strict=True))
        return {**super().get_config(), "layers": keras.saving.serialize_keras_object(layers)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LayerGroup":
        """Rebuild a group from `get_config`."""
        return cls(**deserialised(config, "layers", "dtype"))


def group_of_levels(levels: list[LayerGroup]) -> LayerGroup:
    """Return a group of groups, under the names that Keras 3.15 gives to lists in a list.

    So files that hold levels as lists of layers are read too.
    """
    return LayerGroup(
        {f"container_{number}" if number else "container": one for number, one in enumerate(levels)}
    )
