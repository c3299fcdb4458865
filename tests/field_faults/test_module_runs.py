"""`python -m pathae_codec` is the command line."""

import subprocess
import sys


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "pathae_codec", "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.split()[0]) == (0, "pathae"), run.stderr
