"""The choice of what runs a network.

`PATHAE_BACKEND` names a backend; otherwise the first one installed is taken, in the order of
`BACKENDS`. Only the chosen one is imported. `PATHAE_THREADS` says how many threads compute where
the caller does not say it, as with readers that open files through a plugin.
"""

import logging
import os
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

from pathae_codec.backends.interface import Backend, ErrorGradient
from pathae_codec.errors import BackendUnavailableError, SettingError
from pathae_codec.model.architecture import Layer, is_plain
from pathae_codec.model.artifact import Transform

_log = logging.getLogger(__name__)
# Fastest first, as measured on two cores (benchmarks/backends.py).
BACKENDS = {
    "openvino": ("pathae_codec.backends.openvino_backend", ("openvino", "onnx")),
    "onnx": ("pathae_codec.backends.onnx_backend", ("onnxruntime", "onnx")),
    "torch": ("pathae_codec.backends.torch_backend", ("torch",)),
    "openvino-bf16": ("pathae_codec.backends.openvino_bf16_backend", ("openvino", "onnx")),
    "torch-bf16": ("pathae_codec.backends.torch_bf16_backend", ("torch",)),
}
EXACT = {"openvino-bf16": "openvino", "torch-bf16": "torch"}
"""Backends that are never chosen by themselves, since they do not promise the tolerance of the
specification, and for each the one that does."""
GRADIENT = "pathae_codec.backends.torch_gradient"
_FOR_DIFFUSERS = ("torch", "torch-bf16")


def available_backends(*, by_name_only: bool = False) -> tuple[str, ...]:
    """Return the names of the backends that are installed, the preferred one first.

    Args:
        by_name_only: Also those that are never chosen by themselves.
    """
    return tuple(
        name
        for name, (_, needs) in BACKENDS.items()
        if (by_name_only or name not in EXACT) and all(map(find_spec, needs))
    )


def choose_backend(name: str = "auto", layers: Iterable[Layer] = ()) -> Backend:
    """Import a backend; see `backend_name`.

    Raises:
        SettingError: There is no backend of that name.
        BackendUnavailableError: It is not installed, or none is.
    """
    backend: Backend = import_module(BACKENDS[backend_name(name, layers)][0])
    return backend


def backend_name(name: str = "auto", layers: Iterable[Layer] = ()) -> str:
    """Return the name of the backend that is taken, a key of `BACKENDS`.

    Args:
        name: A key of `BACKENDS`, or `auto`.
        layers: That it must be able to run.

    Raises:
        SettingError: There is no backend of that name.
        BackendUnavailableError: It is not installed, or none is.
    """
    name = (os.environ.get("PATHAE_BACKEND") or name) if name == "auto" else name
    if name != "auto" and name not in BACKENDS:
        raise SettingError(f"backend: expected auto or one of {list(BACKENDS)}, got {name!r}")
    available = available_backends(by_name_only=name != "auto")
    wanted = list(available) if name == "auto" else [b for b in available if b == name]
    if not is_plain(layers):
        wanted = [b for b in wanted if b in _FOR_DIFFUSERS] if find_spec("diffusers") else []
        if not wanted:
            raise BackendUnavailableError(
                f"backend {name}: the model is one of the library diffusers, which runs on torch "
                "and torch-bf16 only; take the extra pathae[torch] and name no other backend"
            )
    if not wanted:
        raise BackendUnavailableError(
            f"backend {name}: not installed; pip install onnxruntime onnx, or take the extra "
            "pathae[openvino] or pathae[torch]"
        )
    return wanted[0]


def load_gradient(transform: Transform, silent_planes: int) -> ErrorGradient:
    """Load what computes the gradient of a decoded tile's error, whatever runs the networks.

    Args:
        transform: A synthesis of one face.
        silent_planes: Planes of noise that it takes behind the latent; they are zeros.
    """
    loaded: ErrorGradient = import_module(GRADIENT).TorchGradient(transform, silent_planes)
    return loaded


def thread_count(threads: int = 0) -> int:
    """Return the number of threads that compute a network; 0 leaves it to the backend.

    More than there are processors are never taken: they would wait for each other. That is told.

    Args:
        threads: As the caller says; 0 takes `PATHAE_THREADS`, where that is set.

    Raises:
        SettingError: `PATHAE_THREADS` is no whole number from 0 on.
    """
    stated = os.environ.get("PATHAE_THREADS") or "0"
    if not (stated.isascii() and stated.isdigit()):
        raise SettingError(f"PATHAE_THREADS: expected a whole number from 0 on, got {stated!r}")
    asked = threads or int(stated)
    there = _processors()
    if asked <= there:
        return asked
    _log.warning(
        "threads: %d were asked for, %d processors are there; %d are used", asked, there, there
    )
    return there


def _processors() -> int:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
