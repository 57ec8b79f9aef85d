"""What samples of the posterior are good for: cells segmented by consensus, text."""

from divnoising_tf.applications.consensus_average import consensus_average
from divnoising_tf.applications.consensus_bic import consensus_bic
from divnoising_tf.applications.consensus_markers import consensus_markers
from divnoising_tf.applications.segmentation import Segmentation, segment, segment_samples
from divnoising_tf.applications.segmentation_figure import segmentation_figure
from divnoising_tf.applications.segmentation_metrics import (
    Matching,
    average_precision,
    jaccard,
    match_cells,
    mean_average_precision,
    seg,
)

__all__ = [
    "Matching",
    "Segmentation",
    "average_precision",
    "consensus_average",
    "consensus_bic",
    "consensus_markers",
    "jaccard",
    "match_cells",
    "mean_average_precision",
    "seg",
    "segment",
    "segment_samples",
    "segmentation_figure",
]
