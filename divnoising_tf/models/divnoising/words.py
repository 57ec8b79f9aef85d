"""What a package says of DivNoising."""

from divnoising_tf.posterior.contract import Family

# Prakash, Krull, Jug: ICLR 2021, and Prakash, Lalit, Tomancak, Krull, Jug: ISBI 2020
DIVNOISING = Family(
    name="divnoising",
    summary="This is a DivNoising model: a variational autoencoder trained on noisy images alone, "
    "whose\nlikelihood is a noise model of the camera. It does not give one denoised image but "
    "samples of\nall those that agree with the noisy one (Prakash, Krull, Jug, ICLR 2021).",
    papers=(
        {
            "text": "Prakash, M., Krull, A., Jug, F.: Fully Unsupervised Diversity Denoising with "
            "Convolutional Variational Autoencoders. ICLR 2021 (arXiv:2006.06072)",
            "url": "https://openreview.net/forum?id=agHLCOBM5jP",
        },
        {
            "text": "Prakash, M., Lalit, M., Tomancak, P., Krull, A., Jug, F.: Fully Unsupervised "
            "Probabilistic Noise2Void. ISBI 2020 (arXiv:1911.12291)",
            "doi": "10.1109/ISBI45749.2020.9098612",
        },
    ),
    tags=("divnoising", "denoising", "unsupervised", "uncertainty", "image-restoration", "2d"),
)
