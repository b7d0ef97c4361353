"""Runs a program as a reader would, but that it reaches nothing but this machine."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

from tests.loopback_only import loopback_only
from tests.source_files import ROOT

SECONDS = 30


def run_offline(program: Path, *arguments: str, folder: Path, typed: str = "") -> str:
    """Run the program in a folder; give what it prints. A warning is an error there, as it is here."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", __spec__.name, str(program), *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, input=typed,
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    del sys.argv[0]
    with loopback_only():
        runpy.run_path(sys.argv[0], run_name="__main__")
