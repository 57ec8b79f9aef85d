"""Training on several devices of one machine, by `tf.distribute.MirroredStrategy`.

Each device works on its share of the batch and has its own copy of the model, a replica. With one
device nothing here does anything.
"""

from collections.abc import Callable

import tensorflow as tf


def share_of_loss() -> float:
    """Return what the loss of one replica counts: gradients are summed over the replicas."""
    return 1.0 / float(tf.distribute.get_strategy().num_replicas_in_sync)


def seed_of_replica(seed: tf.Tensor) -> tf.Tensor:
    """Return a seed of its own for every replica, so that no two draw the same noise.

    Args:
        seed: two integers.
    """
    if share_of_loss() == 1.0:
        return seed
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    return tf.random.experimental.stateless_fold_in(seed, replica)


def also_for_empty_batches(
    function: Callable[[tf.Tensor], dict[str, tf.Tensor]], images: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Return what a function makes of a batch, even if there are no images in it.

    A batch that is smaller than the number of replicas leaves some of them without, and oneDNN's
    convolutions fail on nothing.

    Args:
        function: of a batch (batch, y, x, channel), gives tensors with the same first axis.
        images: the batch.
    """
    if share_of_loss() == 1.0:
        return function(images)
    number = tf.shape(images)[0]
    missing = tf.cast(number == 0, tf.int32)
    outputs = function(tf.pad(images, [[0, missing], [0, 0], [0, 0], [0, 0]]))
    return {name: values[:number] for name, values in outputs.items()}
