"""PathAE: whole-slide images as autoencoder latents, inside OME-Zarr and TIFF.

The names below are imported when they are first used. The import itself costs next to nothing and
lets tifffile, if and when it is imported, decode PathAE; zarr needs no import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pathae_plugins.autoload import install

from pathae_codec.version import __version__

if TYPE_CHECKING:
    from pathae_codec.codec.tile_codec import TileCodec
    from pathae_codec.conversion.convert import convert_slide
    from pathae_codec.conversion.settings import ConvertSettings
    from pathae_codec.errors import PathAEError
    from pathae_codec.model.library import find_model
    from pathae_codec.regions.cache import TileCache
    from pathae_codec.regions.openslide_patch import patch_openslide, unpatch_openslide
    from pathae_codec.regions.openslide_slide import PathAESlide
    from pathae_codec.regions.openslide_slide import PathAESlide as open
    from pathae_codec.regions.tile_dataset import TileDataset
    from pathae_codec.slide import open_slide

__all__ = [
    "ConvertSettings",
    "PathAEError",
    "PathAESlide",
    "TileCache",
    "TileCodec",
    "TileDataset",
    "__version__",
    "convert_slide",
    "find_model",
    "open",
    "open_slide",
    "patch_openslide",
    "unpatch_openslide",
]

_HOMES = {
    "ConvertSettings": "pathae_codec.conversion.settings",
    "PathAEError": "pathae_codec.errors",
    "PathAESlide": "pathae_codec.regions.openslide_slide",
    "TileCache": "pathae_codec.regions.cache",
    "TileCodec": "pathae_codec.codec.tile_codec",
    "TileDataset": "pathae_codec.regions.tile_dataset",
    "convert_slide": "pathae_codec.conversion.convert",
    "find_model": "pathae_codec.model.library",
    "open": "pathae_codec.regions.openslide_slide",
    "open_slide": "pathae_codec.slide",
    "patch_openslide": "pathae_codec.regions.openslide_patch",
    "unpatch_openslide": "pathae_codec.regions.openslide_patch",
}
_OTHER_NAMES = {"open": "PathAESlide"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), _OTHER_NAMES.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


install()
