"""Images whose posterior is known in closed form: a stationary Gaussian prior, Gaussian noise."""

import numpy as np

MEAN = 200.0


class GaussianImages:
    """Smooth random images on a torus, whose Fourier coefficients are independent.

    The signal has a Gaussian covariance of some length, the noise one standard deviation, both
    in counts. The posterior of each coefficient is then that of one Gaussian number.
    """

    def __init__(self, size=48, length=3.0, contrast=40.0, noise=15.0):
        self.size, self.noise = size, noise
        frequency = 2 * np.pi * np.fft.fftfreq(size)
        squared = frequency[:, np.newaxis] ** 2 + frequency**2
        power = np.exp(-(length**2) * squared)
        # white noise of variance 1 has power 1 at each frequency
        self._power = contrast**2 * power / power.mean()

    def signal(self, rng):
        """Draw one clean image."""
        return MEAN + self._filtered(rng.normal(size=(self.size,) * 2), np.sqrt(self._power))

    def observation(self, signal, rng):
        """Draw a noisy image."""
        return signal + rng.normal(0, self.noise, signal.shape)

    def samples(self, observation, n, rng, assumed=None):
        """Draw from the posterior that holds if the noise has the assumed standard deviation."""
        variance = (self.noise if assumed is None else assumed) ** 2
        gain = self._power / (self._power + variance)
        mean = MEAN + self._filtered(observation - MEAN, gain)
        deviation = np.sqrt(gain * variance)
        white = rng.normal(size=(n, self.size, self.size))
        return mean + self._filtered(white, deviation)

    @staticmethod
    def _filtered(images, factor):
        return np.fft.ifft2(np.fft.fft2(images) * factor).real
