"""The codecs of a config: the standard ones by imagecodecs, PathAE's by their models."""

from collections.abc import Iterator, Sequence

import imagecodecs

from benchmarks.bench.codec_setting import CodecSetting, original
from benchmarks.bench.config import CodecPlan
from benchmarks.standard_codecs import standard_codecs
from pathae_codec.arrays import Pixels
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import SHIPPED, find_model, load_model_file, model_paths


def codec_settings(plans: Sequence[CodecPlan], threads: int) -> list[CodecSetting]:
    """Return the original and every codec at every setting, in the order of the plans.

    Raises:
        SettingError: A plan names no codec that there is, or a rung that its model has not.
        ModelNotFoundError: A model that is named is not there. `*` takes what there is.
    """
    named = {plan.model for plan in plans if plan.model}
    settings = [original()]
    for plan in plans:
        if plan.model is None:
            settings += _standard(plan)
        elif plan.model == "*":
            for model in _further_models(named):
                rungs = list(_pathae(plan, model.name, model, threads))
                if not rungs:
                    print(f"left out: model {model.name}: it has none of {list(plan.settings)}")
                settings += rungs
        else:
            settings += _pathae(plan, plan.name, find_model(plan.model), threads)
    return settings


def _standard(plan: CodecPlan) -> Iterator[CodecSetting]:
    known = standard_codecs()
    if plan.name not in known:
        raise SettingError(f"bench codec: expected one of {list(known)}, got {plan.name!r}")
    _, encode, decode = known[plan.name]
    for setting in plan.settings:
        yield CodecSetting(
            plan.name,
            f"{setting:g}" if not isinstance(setting, str) else setting,
            f"imagecodecs {imagecodecs.__version__} {plan.name} {setting}",
            lambda tiles, s=setting: [encode(tile, s) for tile in tiles],  # type: ignore[misc]
            lambda data: [decode(tile) for tile in data],
            stage=plan.stage(setting),
        )


def _pathae(
    plan: CodecPlan, name: str, model: ModelArtifact, threads: int
) -> Iterator[CodecSetting]:
    """Return a model's rungs: of `*`, those of the plan that the model has."""
    codec = TileCodec(model, threads=threads)
    for setting in plan.settings:
        rung = model.profiles.get(setting) if isinstance(setting, str) else int(setting)
        if rung not in model.bottlenecks:
            if plan.model == "*":
                continue
            rungs = [*model.qualities, *model.profiles]
            raise SettingError(f"bench codec {name}: expected one of {rungs}, got {setting!r}")
        yield CodecSetting(
            name,
            f"{rung}, profile {setting}" if isinstance(setting, str) else f"{rung}",
            f"pathae {model.encoder_id} {model.decoder_id} {rung}",
            _encoder(codec, rung),
            codec.decode_tiles,
            model.name,
            rung,
            plan.stage(setting),
        )


def _encoder(codec: TileCodec, rung: int):  # noqa: ANN202
    def encode(tiles: Pixels) -> list[bytes]:
        return codec.encode_tiles(tiles, rung)

    return encode


def _further_models(named: set[str]) -> Iterator[ModelArtifact]:
    """Return the models that a user has added; predecessors of the default one are left out."""
    known = set(named)
    for path in (path for path in model_paths() if path.parent != SHIPPED):
        model = load_model_file(path)
        if model.name not in known and model.analysis and model.synthesis and model.bottlenecks:
            known.add(model.name)
            yield model
