"""The codecs that judges compare, as settings on one thread."""

from collections.abc import Sequence
from pathlib import Path

import imagecodecs
from PIL import features

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.standard_codecs import standard_codecs
from pathae_codec.arrays import Pixels
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model, load_model_file

QUALITIES = (10, 20, 40, 70)
PEERS: dict[str, tuple[float, ...]] = {
    "AVIF s6": (2, 15, 30, 50, 70),
    "JPEG 4:2:0": (5, 15, 35, 60, 80),
    "JPEG XL e7": (20.0, 10.0, 5.0, 2.5, 1.2),
    "JPEG XL e9": (20.0, 10.0, 5.0, 2.5, 1.2),
    "AVIF s6 psnr": (2, 15, 30, 50, 70),
    "AVIF s2 psnr": (2, 15, 30, 50, 70),
}
"""Settings from 0.1 to 1 bit a pixel, where the default model is; more would be interpolated."""
FIRST_PEERS = ("AVIF s6", "JPEG 4:2:0", "JPEG XL e7")


def find_artifact(name: str) -> ModelArtifact:
    """Return a model by the path of its artifact or by its name."""
    return load_model_file(Path(name)) if name.endswith(".safetensors") else find_model(name)


def pathae_settings(
    model: ModelArtifact,
    qualities: Sequence[int],
    threads: int = 1,
    realism: float | None = None,
) -> list[CodecSetting]:
    """Return a model at some of its qualities.

    Args:
        model: With both transforms.
        qualities: Rungs.
        threads: Of one call.
        realism: At which tiles are decoded; None for the model's default.

    Raises:
        SettingError: It has no such quality, or takes no realism.
    """
    unknown = sorted(set(qualities) - set(model.qualities))
    if unknown:
        raise SettingError(
            f"judges --qualities: expected some of {list(model.qualities)}, got {unknown}"
        )
    codec = TileCodec(model, threads=threads, realism=realism)
    name = face_name(model, realism)

    def setting(quality: int) -> CodecSetting:
        return CodecSetting(
            name,
            f"{quality}",
            f"pathae {model.encoder_id} {model.decoder_id} {quality} {realism}",
            lambda tiles: codec.encode_tiles(tiles, quality),
            codec.decode_tiles,
            model.name,
            quality,
        )

    return [setting(quality) for quality in qualities]


def face_name(model: ModelArtifact, realism: float | None) -> str:
    """Name a model, with the realism at which it is decoded where one is asked for."""
    return model.name if realism is None else f"{model.name}, realism {realism:g}"


def peer_settings(name: str, values: Sequence[float]) -> list[CodecSetting]:
    """Return a standard codec at some settings.

    Raises:
        SettingError: There is no such codec.
    """
    known = standard_codecs()
    if name not in known:
        raise SettingError(f"judges --peers: expected some of {list(known)}, got {name!r}")
    codec = known[name]
    library = f"imagecodecs {imagecodecs.__version__}"
    if "psnr" in name:
        library = f"libavif {features.version('avif')}"

    def setting(value: float) -> CodecSetting:
        def encode(tiles: Pixels) -> list[bytes]:
            return [codec.encode(tile, value) for tile in tiles]

        return CodecSetting(
            name,
            f"{value:g}",
            f"{library} {name} {value:g}",
            encode,
            lambda data: [codec.decode(one) for one in data],
        )

    return [setting(value) for value in values]
