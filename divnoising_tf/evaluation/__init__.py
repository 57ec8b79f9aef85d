"""Can samples be trusted? With the truth, and with nothing but the noisy image."""

from divnoising_tf.evaluation.calibration import Calibration, calibration
from divnoising_tf.evaluation.predictive_check import Finding, PredictiveCheck, predictive_check

__all__ = ["Calibration", "Finding", "PredictiveCheck", "calibration", "predictive_check"]
