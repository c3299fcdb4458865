"""What a training run is: read from one TOML file, so that one command repeats it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Layer, output_channels, parse_layers, scale_factor


@dataclass(frozen=True)
class TileFolder:
    """A folder of tiles and how often crops come from it at full and at half size."""

    name: str
    full: float
    half: float


@dataclass(frozen=True)
class TrainingConfig:
    """A training run.

    `lambdas` are the weights of the mean squared error (8-bit units squared) against bits per
    pixel, one for each trained quality, ascending; `table_sets` how many sets of frequency tables
    each quality has; `border_weight` what an error at a crop's border counts, 1 inside. In the
    last `feature_steps` steps, `feature_weight` times the distance of features (see `features`) is
    added to the squared error of the first `feature_crops` of each batch. `start` names the model
    to start from, see `start_from`; one of half the factor is made coarser first, see
    `coarser_model`. `quality_channel` is the channel of the latent that tells the decoder the
    quality, see `quality`; None for a decoder that is not told. `card` goes into the artifact as
    it stands.
    """

    name: str
    start: str | None
    analysis: tuple[Layer, ...]
    synthesis: tuple[Layer, ...]
    folders: tuple[TileFolder, ...]
    lambdas: tuple[float, ...]
    table_sets: int
    quality_channel: int | None
    steps: int
    batch: int
    crop: int
    border_weight: float
    feature_weight: float
    feature_steps: int
    feature_crops: int
    learning_rate: float
    gradient_clip: float
    averaging: float
    seed: int
    card: dict[str, Any]

    @property
    def factor(self) -> int:
        """Pixels per latent, per side."""
        return scale_factor(self.analysis)

    @property
    def latent_channels(self) -> int:
        """Channels of the latent."""
        return output_channels(self.analysis, 3)


def load_config(path: Path) -> TrainingConfig:
    """Read a training run from TOML.

    Raises:
        SettingError: The file is missing a field or has a wrong one.
    """
    try:
        record = tomllib.loads(path.read_text("utf-8"))
        run = record["training"]
        return TrainingConfig(
            name=record["name"],
            start=record.get("start"),
            analysis=parse_layers(record["analysis"]),
            synthesis=parse_layers(record["synthesis"]),
            folders=tuple(TileFolder(**folder) for folder in record["folders"]),
            lambdas=tuple(run["lambdas"]),
            table_sets=run["table_sets"],
            quality_channel=run.get("quality_channel"),
            steps=run["steps"],
            batch=run["batch"],
            crop=run["crop"],
            border_weight=run["border_weight"],
            feature_weight=run["feature_weight"],
            feature_steps=run["feature_steps"],
            feature_crops=run["feature_crops"],
            learning_rate=run["learning_rate"],
            gradient_clip=run["gradient_clip"],
            averaging=run["averaging"],
            seed=run["seed"],
            card=record["card"],
        )
    except KeyError as error:
        raise SettingError(f"training config {path}: missing {error}") from error
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingError(f"training config {path}: {error}") from error
