import keras
import numpy as np
import pytest

from divnoising_tf.models.layers.layer_group import LayerGroup, group_of_levels


def _dense(units):
    return keras.layers.Dense(units)


def test_a_group_is_iterated_over_as_a_list_would_be():
    layers = [_dense(1), _dense(2)]
    levels = group_of_levels([LayerGroup({"dense": one}) for one in layers])
    assert [one for level in levels for one in level] == layers
    assert list(group_of_levels([])) == []


def test_a_group_comes_back_from_its_configuration():
    group = LayerGroup({"first": _dense(1), "inner": LayerGroup({"second": _dense(2)})})
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(group))
    first, inner = again
    assert [first.units, *(layer.units for layer in inner)] == [1, 2]


@pytest.mark.parametrize("levels", [1, 3])
def test_weights_of_nested_groups_are_saved(tmp_path, levels):
    def model():
        dense = [_dense(3) for _ in range(levels)]
        for layer in dense:
            layer.build((None, 2))
        return _Holder(group_of_levels([LayerGroup({"dense": one}) for one in dense]))

    one, other = model(), model()
    one.save_weights(tmp_path / "some.weights.h5")
    other.load_weights(tmp_path / "some.weights.h5")
    assert len(one.weights) == 2 * levels
    for weight, same in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, same)


class _Holder(keras.Model):
    def __init__(self, levels):
        super().__init__()
        self._levels = levels
        self.built = True
