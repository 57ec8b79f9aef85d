"""The running average of a model's weights, in the midst of its training."""

import keras


class AveragedWeights:
    """Within the block the model has the optimiser's running average of the weights."""

    def __init__(self, model: keras.Model):
        self._model = model

    def __enter__(self) -> None:
        self._kept = [variable.numpy() for variable in self._model.trainable_variables]
        self._model.optimizer.finalize_variable_values(self._model.trainable_variables)

    def __exit__(self, *_: object) -> None:
        for variable, value in zip(self._model.trainable_variables, self._kept, strict=True):
            variable.assign(value)
