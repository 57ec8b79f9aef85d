"""The command `divnoising`: `divnoising_tf` sees that this is imported, and leaves TensorFlow out.

Subcommands import what they need when they run.
"""


def main() -> None:
    """Run the command line, see `divnoising_tf.cli.main`."""
    from divnoising_tf.cli import main

    main()
