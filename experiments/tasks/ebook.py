"""eBook, "The Beetle" printed black on white: clean pages, noise is added.

Trained on pages of the first 85 % of the text, tested on patches of 128 x 128 pixels from the rest.
"""

from typing import Any

from experiments import beetle
from experiments.task import Task
from experiments.tasks.files import task_file
from experiments.tasks.synthetic import noisy_task

TRAINING_PAGE_SIZE = 512


def load(
    sigma: float = beetle.NOISE, training_pages: int = 200, test_images: int = 100, **settings: Any
) -> Task:
    """Print the pages, 8 bit, with noise of deviation sigma, counts.

    Args:
        sigma: of the noise.
        training_pages: of 512 x 512 pixels, the first ones.
        test_images: patches, the first ones of the text that is not trained on.
        **settings: further fields of `Task`.
    """
    pages = pages_of_book(training_pages, test_images)
    clean = ([page.image for page in some] for some in pages)
    # letters are upright
    return noisy_task("ebook", *clean, sigma, **{"augment": False, **settings})


def pages_of_book(
    training_pages: int = 200, test_images: int = 100
) -> tuple[list[beetle.Page], list[beetle.Page]]:
    """Return the clean pages to train on and the patches to test with; see `load`."""
    training, validation = beetle.book(task_file("the_beetle", "the_beetle.txt"))
    return (
        beetle.pages(training, TRAINING_PAGE_SIZE, limit=training_pages),
        beetle.pages(validation, limit=test_images),
    )
