"""A stored slide with the interface of `openslide.OpenSlide`."""

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from io import BytesIO
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from weakref import WeakKeyDictionary

import numpy as np
import openslide
from numpy.typing import NDArray
from PIL import Image, ImageCms

from pathae_codec.arrays import Pixels
from pathae_codec.codec.decode_queue import reader_realism
from pathae_codec.container import open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.entry_numbers import pair, real, whole
from pathae_codec.errors import FormatError, NotPathAEError, SettingError, SlideReadError
from pathae_codec.regions.cache import TileCache
from pathae_codec.regions.decoder_choice import with_decoder
from pathae_codec.regions.properties import VENDOR, slide_properties
from pathae_codec.regions.stored_slide import StoredSlide
from pathae_codec.storage.address import shown

if TYPE_CHECKING:
    from pathae_codec.storage.location import Location

Filename = str | bytes | os.PathLike[Any]
Pair = tuple[int, int]
_shared: "WeakKeyDictionary[Any, TileCache]" = WeakKeyDictionary()
"""The cache of ours for each `openslide.OpenSlideCache`, so that slides share it as they would."""


class PathAESlide(openslide.OpenSlide):
    """An open PathAE TIFF or OME-Zarr; every attribute as of `openslide.OpenSlide`.

    Safe to use from several threads, and in forked workers; it can be pickled.

    Args:
        filename: A path, or a URL (`https://`, `s3://`; needs `pathae[remote]`).
        decoder: Name, identity or path of another model that decodes the same latents.
        realism: 0 (faithful) to 1 (natural) in eighths, where the model takes it; by default
            `PATHAE_REALISM`, else what the file states.

    Raises:
        SettingError: No such realism, or a model of one face.
        SlideNotFoundError: There is nothing at a local path.
        NotPathAEError: It is no PathAE file.
        FormatError, ModelError: It is damaged, or the other decoder does not fit.
    """

    def __init__(
        self, filename: Filename, decoder: str | None = None, realism: float | None = None
    ) -> None:
        # Not OpenSlide's own, which would open the file.
        openslide.AbstractSlide.__init__(self)
        self._filename = filename
        self._decoder = decoder
        self._realism = realism
        container = open_container(_location(filename))
        parameters = container.parameters
        if decoder is not None:
            parameters = with_decoder(parameters, decoder)
        self._slide: StoredSlide | None = StoredSlide(
            container, parameters, TileCache(), reader_realism(parameters, realism)
        )
        self._profile = container.icc_profile

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._filename, self._decoder, self._realism)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        self.close()
        return False

    @classmethod
    def detect_format(cls, filename: Filename) -> str | None:
        """Return `pathae` for a file that this class opens, None for any other."""
        try:
            open_container(_location(filename))
        except (NotPathAEError, OSError):
            return None
        except FormatError:
            # It is ours, and damaged: whoever opens it is told so.
            return VENDOR
        return VENDOR

    def close(self) -> None:
        """Let go of file and cached tiles; reads are refused from here on."""
        self._slide = None

    @property
    def level_count(self) -> int:
        """The number of levels."""
        return len(self._open.sizes)

    @property
    def dimensions(self) -> Pair:
        """Width and height of level 0."""
        return self._open.sizes[0]

    @property
    def level_dimensions(self) -> tuple[Pair, ...]:
        """Width and height of each level."""
        return self._open.sizes

    @property
    def level_downsamples(self) -> tuple[float, ...]:
        """Of each level, the mean of its two sides' ratios to level 0."""
        return self._open.downsamples

    @property
    def properties(self) -> Mapping[str, str]:
        """See `slide_properties`."""
        return MappingProxyType(self._properties)

    @property
    def associated_images(self) -> "Mapping[str, Image.Image]":
        """Label, macro and thumbnail as far as the file has them, RGBA."""
        return _AssociatedImages(self._open.container, self._profile)

    @property
    def color_profile(self) -> "ImageCms.ImageCmsProfile | None":
        """The slide's ICC profile; None where the file has none."""
        return ImageCms.getOpenProfile(BytesIO(self._profile)) if self._profile else None

    def get_best_level_for_downsample(self, downsample: float) -> int:
        """Return the coarsest level that is not coarser than `downsample`."""
        downsample = real(downsample, "downsample")
        fine = [n for n, stated in enumerate(self._open.downsamples) if stated <= downsample]
        return max(fine, default=0)

    def read_region(self, location: Pair, level: int, size: Pair) -> Image.Image:
        """Read an RGBA image, transparent outside the slide; see `StoredSlide.read_rgba`."""
        image = Image.fromarray(self._open.read_rgba(*_region(location, level, size)))
        if self._profile is not None:
            image.info["icc_profile"] = self._profile
        return image

    def read_array(self, location: Pair, level: int, size: Pair) -> Pixels:
        """Read uint8 (height, width, 3), white outside the slide; see `StoredSlide.read_array`.

        Raises:
            SettingError: There is no such level; `read_region` gives an empty image, as OpenSlide.
        """
        location, level, size = _region(location, level, size)
        if not 0 <= level < self.level_count:
            raise SettingError(f"level: expected 0 to {self.level_count - 1}, got {level}")
        return self._open.read_array(location, level, size)

    def read_latents(
        self, location: Pair, level: int, size: Pair, scaled: bool = True
    ) -> NDArray[np.float32]:
        """Read float32 (C, h, w) without running the decoder; see `latents.read_latents`."""
        # Who asks for pixels can do without.
        from pathae_codec.regions.latents import read_latents

        return read_latents(self._open, *_region(location, level, size), scaled=scaled)

    def read_symbols(self, location: Pair, level: int, size: Pair) -> NDArray[np.uint16]:
        """Read uint16 (C, h, w) without running the decoder; see `latents.read_symbols`."""
        from pathae_codec.regions.latents import read_symbols

        return read_symbols(self._open, *_region(location, level, size))

    def set_cache(self, cache: Any) -> None:  # noqa: ANN401
        """Keep decoded tiles in another cache.

        Args:
            cache: A `TileCache`, or an `openslide.OpenSlideCache`, whose capacity then holds here;
                slides that are given the same one share it.

        Raises:
            TypeError: Neither.
        """
        if isinstance(cache, openslide.OpenSlideCache):
            # Its capacity shows nowhere but in its repr and in this attribute.
            cache = _shared.setdefault(cache, TileCache(cache._capacity))
        if not isinstance(cache, TileCache):
            raise TypeError("Not a cache object")
        self._open.cache = cache

    @property
    def _open(self) -> StoredSlide:
        if self._slide is None:
            raise SlideReadError(f"slide {shown(_location(self._filename))}: was closed")
        return self._slide

    @cached_property
    def _properties(self) -> dict[str, str]:
        return slide_properties(self._open)


def _region(location: Pair, level: int, size: Pair) -> tuple[Pair, int, Pair]:
    """Return the numbers of a region as Python's own: those of numpy wrap at their width."""
    return pair(location, "location"), whole(level, "level"), pair(size, "size")


def _location(filename: Filename) -> "Location":
    return os.fsdecode(filename) if isinstance(filename, bytes) else filename


class _AssociatedImages(Mapping[str, Image.Image]):
    """Associated images, each decoded when it is asked for."""

    def __init__(self, container: ContainerReader, profile: bytes | None) -> None:
        self._container = container
        self._profile = profile

    def __len__(self) -> int:
        return len(self._container.associated)

    def __iter__(self) -> Iterator[str]:
        return iter(self._container.associated)

    def __getitem__(self, name: str) -> Image.Image:
        if name not in self._container.associated:
            raise KeyError(name)
        image = Image.fromarray(self._container.associated_image(name)).convert("RGBA")
        if self._profile is not None:
            image.info["icc_profile"] = self._profile
        return image
