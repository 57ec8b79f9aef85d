"""Can samples be trusted? With the truth, and with nothing but the noisy image."""

from divnoising_tf.evaluation.calibration import Calibration, calibration

__all__ = ["Calibration", "calibration"]
