"""How a slide is converted: what a user may ask for, checked against the model."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from pathae_codec.bitstream.limits import MAX_TILE_SIDE
from pathae_codec.codec.assured import default_min_psnr
from pathae_codec.codec.effort import LEAST, checked_effort
from pathae_codec.codec.faces import chosen_steps
from pathae_codec.entry_numbers import real, whole
from pathae_codec.errors import SettingError
from pathae_codec.fidelity import Floor
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.privacy.associated import KEEPABLE
from pathae_codec.slide.tiff_resolution import LARGEST_MPP, SMALLEST_MPP, plausible_mpp

_log = logging.getLogger(__name__)
TIFF_TILE_MULTIPLE = 16
DEFAULT_TILE = 512
DEFAULT_QUALITY = 50
BAD_TILE_ACTIONS = ("fail", "blank")
CROP_BOUNDS = "bounds"
MOST_MAGNIFICATION = 1000


def _take_numbers(
    settings: object, take: Callable[[Any, str], float], names: Iterable[str]
) -> None:
    """Turn numbers of any type, as far as they are there, into those that JSON holds."""
    for name in names:
        value = getattr(settings, name)
        if value is not None:
            object.__setattr__(settings, name, take(value, name))


@dataclass(frozen=True)
class ConvertSettings:
    """How to convert.

    Attributes:
        quality: 0 (smallest) to 100 (nearest to the source); the model's nearest rung is taken.
        profile: A rung by its name in the model, such as `paper`, in place of the quality.
        model: Name, identity or path of a model.
        tile: Side of a tile in pixels, a multiple of 16 and of the model's factor; 0 takes 512, or
            what the source's own tiles make where tiles shall be exact.
        lossless: Lose nothing: the source's own JPEG or JPEG 2000 streams where they can be given
            back bit for bit, else its pixels, losslessly.
        min_psnr: Least PSNR of every tile in dB; None takes `assured.default_min_psnr` of the
            quality, 0 asks for none.
        max_error: Largest error of every sample, 0 to 255; 0 is lossless; None asks for none.
        keep_region: GeoJSON of polygons in pixels of level 0, of the upright and cropped picture:
            tiles that touch one are lossless.
        keep: Associated images to carry over of `label` and `macro`, which can identify a patient.
        keep_metadata: Carry over all that the source says of itself, its file name and the texts of
            its ICC profile too; see `deidentification` for what comes along without.
        embed_model: Store the decoder in the file.
        ngff: OME-Zarr version, `0.5` or `0.4`.
        overwrite: Replace an existing destination.
        resume: Go on with an unfinished conversion, whatever ends this one too; a finished one is
            success. A conversion of the same source and settings goes on without it as well.
        restart: Forget an unfinished conversion and begin anew.
        on_bad_tile: `fail`, or `blank`: what the source cannot give becomes white and is listed.
        realism: 0 (faithful) to 1 (natural) in eighths, what readers of the file get that say
            nothing, and what the floor is held at; None takes the model's default.
        jpeg_sidecar: Write a small JPEG pyramid of the slide beside the destination.
        series: The image of a source of several, counted from 0; None takes the largest.
        crop: `bounds`: only the part of the canvas that the source says was scanned.
        mpp: Microns per pixel of level 0, (x, y), of a source that states none.
        magnification: Of the objective, of a source that states none.
        skip_if_larger: Write nothing where the result would be larger than the source.
        effort: 1 to 9: how long better symbols are searched for, see `codec.effort`. Readers do
            not see it; above 1 it needs torch.
        backend, threads: What runs the network, see `backends.choice`.
    """

    quality: int = DEFAULT_QUALITY
    model: str = DEFAULT_MODEL
    tile: int = 0
    min_psnr: float | None = None
    max_error: int | None = None
    keep_region: str | PathLike[str] | None = None
    keep: frozenset[str] = frozenset()
    keep_metadata: bool = False
    embed_model: bool = False
    ngff: str = "0.5"
    overwrite: bool = False
    resume: bool = False
    on_bad_tile: str = "fail"
    backend: str = "auto"
    threads: int = 0
    profile: str | None = None
    jpeg_sidecar: bool = False
    series: int | None = None
    crop: str | None = None
    mpp: tuple[float, float] | None = None
    magnification: float | None = None
    realism: float | None = None
    restart: bool = False
    lossless: bool = False
    skip_if_larger: bool = False
    effort: int = LEAST

    def __post_init__(self) -> None:
        _take_numbers(self, whole, ("quality", "tile", "max_error", "threads", "series", "effort"))
        _take_numbers(self, real, ("min_psnr", "magnification", "realism"))

    @property
    def wants_exact(self) -> bool:
        """Whether it is known beforehand that tiles shall lose nothing."""
        return self.lossless or self.max_error == 0 or self.keep_region is not None


DEFAULTS = ConvertSettings()


def check_settings(settings: ConvertSettings, model: ModelArtifact) -> None:
    """Check what no later step checks.

    Raises:
        SettingError: A setting is out of its range, or does not fit the model.
        BackendUnavailableError: An effort above 1 without torch.
    """
    _check_lossless(settings)
    _check_effort(settings)
    for step in (TIFF_TILE_MULTIPLE, model.factor):
        if settings.tile % step or not 0 <= settings.tile <= MAX_TILE_SIDE:
            raise SettingError(
                f"tile: expected a multiple of {step} up to {MAX_TILE_SIDE}, got {settings.tile}"
            )
    unknown = settings.keep - set(KEEPABLE)
    if unknown:
        raise SettingError(f"keep: expected some of {list(KEEPABLE)}, got {sorted(unknown)}")
    if settings.on_bad_tile not in BAD_TILE_ACTIONS:
        raise SettingError(
            f"on_bad_tile: expected one of {list(BAD_TILE_ACTIONS)}, got {settings.on_bad_tile!r}"
        )
    if settings.min_psnr is not None and not 0 <= settings.min_psnr <= 100:
        raise SettingError(f"min_psnr: expected 0 (none) to 100 dB, got {settings.min_psnr}")
    if settings.crop not in (None, CROP_BOUNDS):
        raise SettingError(f"crop: expected {CROP_BOUNDS!r}, got {settings.crop!r}")
    if settings.mpp is not None and plausible_mpp(*settings.mpp) is None:
        raise SettingError(
            f"mpp: expected {SMALLEST_MPP:g} to {LARGEST_MPP:g} microns per pixel, got "
            f"{settings.mpp[0]:g} x {settings.mpp[1]:g}"
        )
    if settings.magnification is not None and not 0 < settings.magnification <= MOST_MAGNIFICATION:
        raise SettingError(
            f"magnification: expected above 0 and {MOST_MAGNIFICATION} at most, got "
            f"{settings.magnification}"
        )
    if settings.max_error is not None and not 0 <= settings.max_error <= 255:
        raise SettingError(f"max_error: expected 0 (lossless) to 255, got {settings.max_error}")


def _check_lossless(settings: ConvertSettings) -> None:
    asked = (settings.min_psnr, settings.max_error, settings.profile)
    if settings.lossless and asked != (None, None, None):
        raise SettingError(
            "lossless: expected no --min-psnr, --max-error or --profile beside it, since every "
            "tile equals the source"
        )


def _check_effort(settings: ConvertSettings) -> None:
    if checked_effort(settings.effort) > LEAST and settings.profile is not None:
        raise SettingError(
            f"effort: expected {LEAST} with profile {settings.profile}, whose rung stands on no "
            f"ladder, got {settings.effort}; take a quality"
        )


def with_realism(model: ModelArtifact, realism: float | None) -> ModelArtifact:
    """Return a model with the realism that is asked for as its default.

    Raises:
        SettingError: No eighth from 0 to 1, or the model takes none.
    """
    if realism is None:
        return model
    steps = chosen_steps(model, realism)
    assert model.realism is not None, "or that was refused"
    return replace(model, realism=replace(model.realism, default=steps))


def choose_quality(model: ModelArtifact, settings: ConvertSettings) -> int:
    """Return the rung of a model that settings ask for, by profile or by quality.

    Raises:
        SettingError: The model has no such profile, or no codebooks.
    """
    if settings.profile is None:
        # Nobody asked for the default: only what was asked for is missed.
        asked = settings.quality != DEFAULT_QUALITY
        if asked and (other := model.describe_rung(settings.quality)):
            _log.warning("%s", other)
        return model.nearest_quality(settings.quality)
    if settings.profile not in model.profiles:
        raise SettingError(
            f"profile: expected one of model {model.name}: {sorted(model.profiles) or 'none'}, "
            f"got {settings.profile!r}; see pathae models fit-codebook"
        )
    return model.profiles[settings.profile]


def choose_floor(settings: ConvertSettings, quality: int) -> Floor:
    """Return the floor that settings ask for at a rung."""
    if settings.lossless:
        return Floor(max_error=0)
    stated = settings.min_psnr
    if stated is None:
        # A named rung is asked for as it is; the defaults are those of the ladder.
        stated = 0.0 if settings.profile else default_min_psnr(quality)
    return Floor(stated if stated > 0 else None, settings.max_error)
