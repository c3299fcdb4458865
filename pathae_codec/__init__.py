"""PathAE: whole-slide images as autoencoder latents, inside OME-Zarr and TIFF.

The names below are imported when they are first used. The import itself costs next to nothing and
lets tifffile, if and when it is imported, decode PathAE; zarr needs no import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pathae_plugins.autoload import install

if TYPE_CHECKING:
    from pathae_codec.codec import TileCodec
    from pathae_codec.convert import ConvertSettings, convert_slide
    from pathae_codec.errors import PathAEError
    from pathae_codec.model.library import find_model
    from pathae_codec.slide import open_slide

__all__ = [
    "ConvertSettings",
    "PathAEError",
    "TileCodec",
    "__version__",
    "convert_slide",
    "find_model",
    "open_slide",
]
__version__ = "0.1.0"

_HOMES = {
    "ConvertSettings": "pathae_codec.convert",
    "PathAEError": "pathae_codec.errors",
    "TileCodec": "pathae_codec.codec",
    "convert_slide": "pathae_codec.convert",
    "find_model": "pathae_codec.model.library",
    "open_slide": "pathae_codec.slide",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


install()
