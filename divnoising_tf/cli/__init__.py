"""The command `divnoising`: a thin layer over the public functions, one file per subcommand."""

from divnoising_tf.cli._application import application
from divnoising_tf.cli.check import check
from divnoising_tf.cli.demo import demo
from divnoising_tf.cli.denoise import denoise
from divnoising_tf.cli.export import export
from divnoising_tf.cli.generate import generate
from divnoising_tf.cli.noise_model import noise_model_commands
from divnoising_tf.cli.train import train

app = application(
    "Denoise microscopy images without clean images to learn from, and see how sure you can be.\n\n"
    "The way through: 'noise-model' measures what the camera does, 'train' learns from your noisy "
    "images, 'check' says whether to trust the model, 'denoise' writes the clean image and its "
    "uncertainty, 'export' packs the model for the BioImage Model Zoo. Try it all with 'demo'."
)
app.add_typer(noise_model_commands, name="noise-model")
for _command in (train, check, denoise, generate, export, demo):
    app.command()(_command)


def main() -> None:
    """Run the command line; ends the process with an exit code.

    0: done. 1: unexpected, with a traceback for the report of a bug. 2: bad input, with the
    message alone. 130: interrupted.
    """
    app(prog_name="divnoising")


__all__ = ["app", "main"]
