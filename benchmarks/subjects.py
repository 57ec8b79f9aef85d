"""What is measured: the package's model, and how much arithmetic its work is."""

import divnoising_tf as dn
from benchmarks.images import DEVIATION, MEAN

KERNEL = 3 * 3


def noise_model() -> dn.GaussianMixtureNoiseModel:
    """Return a mixture of three Gaussians, two coefficients each."""
    return dn.GaussianMixtureNoiseModel(signal_range=(0.0, 250.0))


def model(depth: int, dtype: str) -> dn.DivNoising:
    """Return the package's model, with initial weights."""
    return dn.DivNoising(
        noise_model(), depth=depth, dtype=dtype, data_mean=MEAN, data_standard_deviation=DEVIATION
    )


def decoder_operations(depth: int, pixels: int, latent: int = 64, base: int = 32) -> float:
    """Return the arithmetic of one pass through the decoder, composed upsampling, in GFLOP."""
    grid = pixels / 4**depth
    filters = base * 2 ** (depth - 1)
    products = grid * KERNEL * latent * filters
    for level in reversed(range(depth)):
        following = base * 2 ** (level - 1) if level else 1
        products += grid * (KERNEL * filters**2 + 4 * filters * 4 * following)
        grid, filters = 4 * grid, following
    return 2 * products / 1e9


def training_operations(depth: int, pixels: int, latent: int = 64, base: int = 32) -> float:
    """Return the arithmetic of one image in a training step, in GFLOP: three passes."""
    products, inner, grid = 0.0, 1, float(pixels)
    for level in range(depth):
        filters = base * 2**level
        products += grid * KERNEL * (inner * filters + filters**2)
        inner, grid = filters, grid / 4
    products += 2 * grid * KERNEL * inner * latent
    return 3 * (2 * products / 1e9 + decoder_operations(depth, pixels, latent, base))
