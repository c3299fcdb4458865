"""Decoders that files opened in this process brought along, found by their identity.

A zarr codec sees the metadata of one array, and only level 0 of an OME-Zarr holds the weights. Who
opens the group, or level 0, has the decoder for all levels. An identity is the hash of the weights,
checked when they are loaded: it does not matter which file they came with.
"""

from collections import OrderedDict
from functools import lru_cache
from threading import Lock

from pathae_codec.model.artifact import Transform
from pathae_codec.model.artifact_file import load_artifact, read_record
from pathae_codec.model.light_parameters import embeds_decoder

MOST = 8
"""Codec parameters that are kept, the latest; each has 64 MiB at most."""
_kept: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def keep_decoder(parameters: bytes) -> None:
    """Keep codec parameters for the decoder that they embed, if they do.

    Raises:
        ArtifactError, UnsupportedVersionError: They are none.
    """
    if not embeds_decoder(parameters):
        return
    identity = str(read_record(parameters)["decoder"].get("id"))
    with _lock:
        _kept[identity] = parameters
        _kept.move_to_end(identity)
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def carrier_of(identity: object) -> bytes | None:
    """Return codec parameters that embed a decoder; None where none are known."""
    return _kept.get(identity) if isinstance(identity, str) else None


def carried_decoder(identity: str) -> Transform | None:
    """Return a decoder that a file brought along; None where none did."""
    parameters = _kept.get(identity)
    return _load(parameters) if parameters is not None else None


@lru_cache(maxsize=MOST)
def _load(parameters: bytes) -> Transform | None:
    return load_artifact(parameters).synthesis
