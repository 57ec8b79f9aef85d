"""Programs outside of Python that run an exported model: started here, skipped where missing."""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest

_SECONDS = 900


def missing(reason):
    """Skip the test, or fail it where the consumers must run, as in CI."""
    if os.environ.get("DIVNOISING_REQUIRE_CONSUMERS") == "1":
        pytest.fail(f"{reason}; with DIVNOISING_REQUIRE_CONSUMERS=1 this must run")
    pytest.skip(reason)


def tool(name, advice):
    """Return the path of a command, or end the test here."""
    return shutil.which(name) or missing(f"there is no command {name}: {advice}")


def finished(*command, cwd=None):
    """Run a command to its end and return what it printed."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=_SECONDS)


def installed(*command, cwd, signs):
    """Run a command that fetches libraries; end the test here if the network is what it lacks.

    Args:
        *command: what to run.
        cwd: in which folder.
        signs: what such a command prints without a network.
    """
    done = finished(*command, cwd=cwd)
    printed = done.stdout + done.stderr
    if done.returncode and any(sign in printed for sign in signs):
        missing(f"{command[0]} cannot download what {cwd} names")
    assert done.returncode == 0, printed[-4000:]


def outputs(folder, command, images):
    """Run images, one after the other, in one process of a program.

    Args:
        folder: for the files of raw float32 that it reads and writes.
        command: the program; a file, a shape and a file to write are added for each image.
        images: (batch, y, x, channel), float32.

    Returns:
        For each image the output and what the program said about it.
    """
    arguments, files = [], []
    for number, image in enumerate(images):
        image.astype("<f4").tofile(folder / f"input{number}")
        files.append(folder / f"output{number}")
        arguments += [folder / f"input{number}", "x".join(map(str, image.shape)), files[-1]]
    done = finished(*command, *arguments)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(images)
    return [
        (np.fromfile(file, "<f4").reshape(one["shape"]), one)
        for file, one in zip(files, said, strict=True)
    ]
