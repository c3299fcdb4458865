"""The command line as a user with another id: no name, no home, no rights but those of the mode.

The user is made by a user namespace, so that the interpreter stays readable wherever it lies. Files
that root made belong to this user, who is bound by their modes.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_UNSHARE = ["unshare", "--user", "--map-user=12345", "--map-group=12345"]


def run_as_other(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `pathae` with arguments; skip the test where the system makes no other user."""
    return run_python_as_other("-m", "pathae_codec.cli", *map(str, arguments), **environment)


def run_python_as_other(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python likewise."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    probe = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"no user namespaces: {probe.stderr.decode().strip()}")
    kept = {name: value for name, value in os.environ.items() if name not in ("HOME", "USER")}
    for name in ("LOGNAME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"):
        kept.pop(name, None)
    command = [*_UNSHARE, sys.executable, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=kept | environment
    )
