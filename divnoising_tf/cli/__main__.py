"""`python -m divnoising_tf.cli`, the command `divnoising` where it is not on the path."""

from divnoising_tf.cli import main

main()
