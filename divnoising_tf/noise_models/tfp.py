"""TensorFlow Probability, imported at first use: it takes longer than the package itself."""

from typing import Any


def distributions() -> Any:
    """Return the module `tensorflow_probability.distributions`."""
    import tensorflow_probability as tfp

    return tfp.distributions
