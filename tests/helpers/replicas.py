"""Trains on one and on two logical devices; prints what came out as JSON. Run by test_replicas.

What one device samples, two would not: each draws noise of its own. So the noise is replaced by
one fixed pattern for all images while the weights are compared; the rest of the step is as it is.
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf
from helpers.images import noisy_images

import divnoising_tf.models.divnoising.model as model_module
from divnoising_tf import DivNoising, GaussianNoiseModel, KLAnnealing, PosteriorCollapse

STEPS = 20


class _FixedNoise:
    def __init__(self, mean, log_variance):
        self._mean, self._deviation = mean, tf.exp(0.5 * log_variance)

    def sample(self, seed):
        noise = tf.random.stateless_normal(tf.shape(self._mean)[1:], seed=(1, 2))
        return self._mean + self._deviation * noise


def built():
    keras.utils.set_random_seed(0)
    model = DivNoising(GaussianNoiseModel(15.0), depth=1, latent_channels=4, base_channels=4)
    # not Adam: its steps do not depend on the scale of the loss
    model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9))
    return model


def trained(model, images):
    dataset = tf.data.Dataset.from_tensor_slices(images).batch(8, drop_remainder=True).repeat()
    begin = flat(model)
    history = model.fit(dataset, steps_per_epoch=STEPS // 2, epochs=2, verbose=0).history
    return {"begin": begin, "weights": flat(model), "history": history}


def flat(model):
    return np.concatenate([one.numpy().ravel() for one in model.trainable_variables])


def compared(strategy, images):
    sampled = model_module.latent_distribution
    model_module.latent_distribution = _FixedNoise
    one = trained(built(), images)
    with strategy.scope():
        model = built()
    two = trained(model, images)
    model_module.latent_distribution = sampled
    moved = np.abs(one["weights"] - one["begin"]).max()
    return {
        "moved": float(moved),
        "difference": float(np.abs(one["weights"] - two["weights"]).max()),
        "histories": [one["history"], two["history"]],
    }


def noise_of_replicas(strategy, model, images):
    signals = strategy.run(tf.function(lambda: model(tf.constant(images[:2]))["signal"]))
    first, second = strategy.experimental_local_results(signals)
    return float(tf.reduce_max(tf.abs(first - second)))


def used(strategy, images, folder):
    """Adapt, anneal, restart, validate with a batch too small for both devices, save, load."""
    with strategy.scope():
        model = built()
    weights = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(float(np.array(model.kl_weight)))
    )
    collapse = PosteriorCollapse(patience=2, minimum_active=100, action="restart", max_restarts=1)
    batches = tf.data.Dataset.from_tensor_slices(images).batch(8)
    history = model.fit(
        batches.take(2),
        validation_data=tf.data.Dataset.from_tensor_slices(images[:9]).batch(8),
        epochs=3,
        verbose=0,
        callbacks=[KLAnnealing(epochs=2), collapse, watch],
    ).history
    model.save(f"{folder}/model.keras")
    again = keras.saving.load_model(f"{folder}/model.keras")
    image = images[0, ..., 0]
    return {
        "history": history,
        "kl_weights": weights,
        "restarts": collapse.restarts,
        "mean": float(model.data_mean[0]),
        "same_after_loading": np.array_equal(
            again.posterior(image).sample(2), model.posterior(image).sample(2)
        ),
        "between_replicas": noise_of_replicas(strategy, model, images),
    }


def main():
    device = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        device, [tf.config.LogicalDeviceConfiguration() for _ in range(2)]
    )
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    images = noisy_images(24, size=16)[..., np.newaxis]
    results = {
        **compared(strategy, images),
        "used": used(strategy, images, sys.argv[1]),
        "mean_of_images": float(images[:16].mean()),
    }
    sys.stdout.write(f"RESULTS {json.dumps(results)}\n")


if __name__ == "__main__":
    main()
