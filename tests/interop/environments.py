"""Environments: one a group and Python, made by pip from our wheel; one that is there is taken."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.interop.tools import Group

ROOT = Path(__file__).parent.parent.parent
EXPECTED = "expected"
"""Below an environment: the pixels that our own reader gives in it."""


def find_python(version: str) -> Path | None:
    """Find an interpreter, such as that of `3.12`; None where there is none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    found = shutil.which(f"python{version}")
    # pyenv has a stand-in for each version that anybody installed, which may refuse to start.
    if found and _starts(found):
        return Path(found)
    versions = Path.home() / ".pyenv" / "versions"
    installed = sorted(versions.glob(f"{version}*/bin/python"))
    return installed[-1] if installed else None


def full_version(python: Path) -> str:
    """Ask an interpreter for its version, such as `3.12.1`."""
    code = "import platform; print(platform.python_version())"
    run = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return run.stdout.strip()


def build_wheel(folder: Path) -> Path:
    """Build our wheel into a folder."""
    for old in folder.glob("*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_environment(folder: Path, python: Path, group: Group, wheel: Path) -> str:
    """Make an environment, or take the one that is there, with this wheel in it.

    Returns:
        Nothing, or why it cannot be made.
    """
    made = folder / "made"
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
    requires = "\n".join(group.requires)
    if not made.exists() or made.read_text("utf-8") != requires:
        # With the compiled entropy coder: what is tested are the tools, and there are many.
        problem = _pip(folder, f"{wheel}[fast]", *group.requires)
        if problem:
            return problem
        made.write_text(requires, "utf-8")
    # What our own reader gave in an earlier run.
    shutil.rmtree(folder / EXPECTED, ignore_errors=True)
    return _pip(folder, "--force-reinstall", "--no-deps", str(wheel))


def _pip(folder: Path, *arguments: str) -> str:
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *arguments]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = run.stderr.strip().splitlines() or [f"exit code {run.returncode}"]
    return lines[-1] if run.returncode else ""


def _starts(python: str) -> bool:
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0
