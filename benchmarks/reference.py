"""The reference: the published network in PyTorch, float32, used as its authors' code uses it.

Written from the paper's description (Prakash, Krull, Jug, ICLR 2021): an image is encoded once and
decoded sample by sample; the likelihood is log(p + 1e-10) of a Gaussian mixture. Run by
`reference_process`, in a process of its own: PyTorch and TensorFlow each bring an LLVM, and one
process bears only one.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.images import images

PARAMETERS = {2: 261_281, 3: 880_417}


class Network(nn.Module):
    """Encoder and decoder, on normalised intensities (batch, 1, y, x).

    Args:
        depth: number of levels.
        latent_channels: channels of z.
        base_channels: channels of the first level.
    """

    def __init__(self, depth: int, latent_channels: int = 64, base_channels: int = 32):
        super().__init__()
        down: list[nn.Module] = []
        filters = 1
        for level in range(depth):
            inner, filters = filters, base_channels * 2**level
            down += [*_convolution(inner, filters), *_convolution(filters, filters)]
            down.append(nn.MaxPool2d(2))
        self.down = nn.Sequential(*down)
        self.mean = nn.Conv2d(filters, latent_channels, 3, padding=1)
        self.log_variance = nn.Conv2d(filters, latent_channels, 3, padding=1)
        up = _convolution(latent_channels, filters)
        for level in reversed(range(depth)):
            up += [*_convolution(filters, filters), nn.ConvTranspose2d(filters, filters, 2, 2)]
            if level:
                up += _convolution(filters, filters // 2)
                filters //= 2
        up.append(nn.Conv2d(filters, 1, 3, padding=1))
        self.up = nn.Sequential(*up)
        assert sum(one.numel() for one in self.parameters()) == PARAMETERS.get(depth)

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and log-variance of q(z|x)."""
        features = self.down(images)
        return self.mean(features), self.log_variance(features)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return one sample, normalised, and mean and log-variance of q(z|x)."""
        mean, log_variance = self.encode(images)
        return self.up(_sampled(mean, log_variance)), mean, log_variance


class MixtureLikelihood:
    """Gaussian mixture whose parameters are polynomials of the signal, counts.

    Args:
        coefficients: in the published layout, (3K, C).
        signal_range: lowest and highest signal, counts.
        min_variance: lower bound of each variance, counts squared.
    """

    def __init__(self, coefficients: np.ndarray, signal_range: tuple, min_variance: float):
        parts = torch.from_numpy(coefficients).chunk(3)
        self._means, self._log_variances, self._logits = parts
        self._low, self._high = signal_range
        self._min_variance = min_variance

    def log_prob(self, observation: torch.Tensor, signal: torch.Tensor) -> torch.Tensor:
        """Return log(p + 1e-10)."""
        position = (signal - self._low) / (self._high - self._low)
        weights = [torch.exp(value) for value in _polynomials(self._logits, position)]
        total = sum(weights)
        weights = [weight / total for weight in weights]
        means = _polynomials(self._means, position)
        shift = sum(weight * mean for weight, mean in zip(weights, means, strict=True))
        variances = _polynomials(torch.exp(self._log_variances), position)
        density: Any = 0.0
        for weight, mean, variance in zip(weights, means, variances, strict=True):
            variance = torch.clamp(variance, min=self._min_variance)
            distance = observation - (signal + mean - shift)
            height = weight / torch.sqrt(2 * np.pi * variance)
            density = density + height * torch.exp(-(distance**2) / (2 * variance))
        return torch.log(density + 1e-10)


class Reference:
    """Network, statistics of the data and noise model.

    Args:
        depth: levels of the network.
        likelihood: p(x|s), counts.
        mean: of the data, counts.
        standard_deviation: of the data, counts.
    """

    def __init__(
        self, depth: int, likelihood: MixtureLikelihood, mean: float, standard_deviation: float
    ):
        torch.manual_seed(0)
        self.network = Network(depth)
        self._likelihood = likelihood
        self._mean, self._deviation = mean, standard_deviation
        self._optimizer = torch.optim.Adam(self.network.parameters(), 1e-3)

    @torch.no_grad()
    def samples(self, image: np.ndarray) -> Iterator[np.ndarray]:
        """Encode an image (y, x) once, then yield samples, counts, without end."""
        mean, log_variance = self.network.encode(self._normalised(image[np.newaxis, np.newaxis]))
        while True:
            signal = self.network.up(_sampled(mean, log_variance))
            yield (signal * self._deviation + self._mean)[0, 0].numpy()

    def train_on_batch(self, images: np.ndarray) -> float:
        """Make one step on images (batch, 1, y, x), counts, and return the loss."""
        observation = torch.from_numpy(images)
        self._optimizer.zero_grad()
        signal, mean, log_variance = self.network(self._normalised(images))
        signal = signal * self._deviation + self._mean
        divergence = -0.5 * torch.sum(1 + log_variance - mean**2 - torch.exp(log_variance))
        reconstruction = -torch.mean(self._likelihood.log_prob(observation, signal))
        loss = reconstruction + divergence / observation.numel()
        loss.backward()
        self._optimizer.step()
        return loss.item()

    def _normalised(self, images: np.ndarray) -> torch.Tensor:
        return (torch.from_numpy(images) - self._mean) / self._deviation


def serve() -> None:
    """Work as the lines of standard input say, and answer each line with one."""
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["threads"])
    likelihood = MixtureLikelihood(
        np.array(settings["coefficients"], np.float32),
        settings["signal_range"],
        settings["min_variance"],
    )
    reference = Reference(settings["depth"], likelihood, settings["mean"], settings["deviation"])
    pixels = images(settings["images"], settings["size"])
    samples = reference.samples(pixels[0])
    for line in sys.stdin:
        work, number = json.loads(line)
        for _ in range(number):
            if work == "sample":
                next(samples)
            else:
                reference.train_on_batch(pixels[:, np.newaxis])
        print("done", flush=True)


def _convolution(inner: int, filters: int) -> list[nn.Module]:
    return [nn.Conv2d(inner, filters, 3, padding=1), nn.ReLU()]


def _sampled(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)


def _polynomials(coefficients: torch.Tensor, position: torch.Tensor) -> list[torch.Tensor]:
    powers = [position**power for power in range(coefficients.shape[1])]
    return [sum(c * power for c, power in zip(row, powers, strict=True)) for row in coefficients]


if __name__ == "__main__":
    serve()
