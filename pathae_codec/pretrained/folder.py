"""Where a published autoencoder lies: a folder, or the cache of the Hugging Face hub.

The cache's layout is that of the hub's page "Local cache": `models--ORG--NAME/refs/main` names the
commit whose files are in `snapshots`. It is only read, so no library of the hub is needed.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from pathae_codec.errors import ModelNotFoundError

CONFIG = "config.json"
WEIGHTS = (
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
    "model.safetensors",
)
MAIN = "main"
_REPO = re.compile(r"[\w.-]+/[\w.-]+")
_REVISION = re.compile(r"\w[\w.-]*")


def find_folder(name: str) -> Path:
    """Find the folder with an autoencoder's files of a path or a repository such as `org/name`.

    Of a whole pipeline it is the folder `vae`.

    Raises:
        ModelNotFoundError: There is none; the message says where was looked.
    """
    folder = expanded(name)
    if not folder.is_dir():
        folder = find_snapshot(name)
    for candidate in (folder, folder / "vae"):
        if any((candidate / file).is_file() for file in (CONFIG, *WEIGHTS)):
            return candidate
    raise ModelNotFoundError(
        f"model {name}: expected {CONFIG} and {WEIGHTS[0]} in {folder}, found neither"
    )


def find_weights(folder: Path) -> Path:
    """Return the weights file of a folder in the layout of diffusers.

    Raises:
        ModelNotFoundError: There is none in safetensors; pickles are not read.
    """
    for name in WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    others = sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt"})
    found = f"found {', '.join(others)}, which is not read" if others else "found none"
    raise ModelNotFoundError(f"model {folder}: expected {WEIGHTS[0]}, {found}")


def read_config(folder: Path) -> dict[str, Any]:
    """Read `config.json`; nothing where there is none.

    Raises:
        ModelNotFoundError: It is no JSON object.
    """
    if not (folder / CONFIG).exists():
        return {}
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelNotFoundError(f"model {folder / CONFIG}: expected JSON: {error}") from None
    if not isinstance(config, dict):
        raise ModelNotFoundError(f"model {folder / CONFIG}: expected a JSON object")
    return config


def cache_folder() -> Path:
    """Return the hub's cache: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named)
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else expanded("~/.cache/huggingface")) / "hub"


def expanded(name: str) -> Path:
    """Return a path with `~` put in full; as it is where nobody knows the home folder."""
    # `Path.expanduser` raises where the user id has no name.
    return Path(os.path.expanduser(name))


def find_snapshot(name: str) -> Path:
    """Find the files of a repository in the hub's cache.

    Args:
        name: Such as `org/name`, or with a branch, tag or commit `org/name@revision`.

    Raises:
        ModelNotFoundError: It is not there.
    """
    cache = cache_folder()
    repository, _, revision = name.partition("@")
    if _REPO.fullmatch(repository) and _REVISION.fullmatch(revision or MAIN):
        folder = cache / f"models--{repository.replace('/', '--')}"
        reference = folder / "refs" / (revision or MAIN)
        commit = reference.read_text("utf-8").strip() if reference.is_file() else revision
        snapshot = folder / "snapshots" / commit
        if commit and snapshot.is_dir():
            return snapshot
    raise ModelNotFoundError(
        f"model {name}: expected a folder, or a repository in {cache}, found neither; download it "
        f"with the hub's own tools (hf download {repository}), nothing is downloaded here"
    )
