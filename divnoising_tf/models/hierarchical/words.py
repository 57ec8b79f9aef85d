"""What a package says of Hierarchical DivNoising."""

from divnoising_tf.models.divnoising.words import DIVNOISING
from divnoising_tf.posterior.contract import Family

HIERARCHICAL = Family(
    name="hierarchical",
    summary="This is a Hierarchical DivNoising model: a variational autoencoder with latents on "
    "several grids,\ntrained on noisy images alone, whose likelihood is a noise model of the "
    "camera. It does not give\none denoised image but samples of all those that agree with the "
    "noisy one (after Prakash, Delbracio,\nMilanfar, Jug, ICLR 2022; the network is smaller).",
    papers=(
        {
            "text": "Prakash, M., Delbracio, M., Milanfar, P., Jug, F.: Interpretable Unsupervised "
            "Diversity Denoising and Artefact Removal. ICLR 2022 (arXiv:2104.01374)",
            "doi": "10.48550/arXiv.2104.01374",
        },
        *DIVNOISING.papers,
    ),
    tags=("hierarchical-divnoising", *DIVNOISING.tags),
)
