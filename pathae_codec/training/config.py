"""What a training run is: read from one TOML file, so that one command repeats it."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Layer, output_channels, parse_layers, scale_factor
from pathae_codec.model.realism import Realism
from pathae_codec.training.perception_weights import PerceptionWeights
from pathae_codec.training.scanner_history import HistoryTable
from pathae_codec.training.stains import StainTable

Table = TypeVar("Table")


@dataclass(frozen=True)
class TileFolder:
    """A folder of tiles and how often crops come from it at full and at half size.

    `aligned` is the share of the crops at full size that begin on the grid of the image's own JPEG
    history, where one is found (see `jpeg_grid`), and are left as they are: so that grid lies in
    them as in the tiles of a slide.
    """

    name: str
    full: float
    half: float
    aligned: float = 0.0


@dataclass(frozen=True)
class TrainingRealism:
    """The natural face: after the decoder's own steps, more steps from a copy of it.

    Attributes:
        default: Eighths that readers take which are told nothing.
        noise_channels: See `Realism`.
        steps: Of the natural face.
        batch: Crops a step: its loss takes several times as long as the network.
        error: What the squared error counts in it, 1 in the faithful face.
        share: What its loss counts beside the faithful face's in the steps of all networks, 0 to 1;
            at 0 only the faithful face is trained there.
        weights: Of structure and texture in it.
    """

    default: int
    noise_channels: int
    steps: int
    batch: int
    error: float
    share: float
    weights: PerceptionWeights

    @property
    def taken(self) -> Realism:
        """How the trained synthesis takes realism."""
        return Realism(self.default, self.noise_channels)


@dataclass(frozen=True)
class TrainingConfig:
    """A training run.

    `history` and `stains` say how often crops are stored as by a scanner and stained otherwise,
    see `scanner_history` and `stains`; None for crops as they are.

    `lambdas` are the weights of the mean squared error (8-bit units squared) against bits per
    pixel, one for each trained quality, ascending; `table_sets` how many sets of frequency tables
    each quality has; `unquantized_steps` how many of the `steps`, the first, see nothing but the
    logarithm of the squared error of latents that are not quantized: what the networks cannot carry
    then, no bits can buy; `decoder_steps` how many more, at the end, the decoder has alone, see
    `train_decoder_alone`: where `steps` is 0 there are only these, and encoder and ladder stay
    those of `start`; `border_weight` what an error at a crop's border counts, 1 inside. In the last
    `feature_steps` steps, and in all of the decoder's, `feature_weight` times the distance of
    features (see `features`) is added to the squared error of the first `feature_crops` of each
    batch. `start` names the model to start from, see `start_from`; one of half the factor is made
    coarser first, see `coarser_model`. `quality_channel` is the channel of the latent that tells
    the decoder the quality, see `quality`; None for a decoder that is not told. `card` goes into
    the artifact as it stands. `chroma_error` is what errors of colour count in the
    decoder's own steps, see `colour`. `realism` gives it a natural face beside, see
    `TrainingRealism`; None for a decoder that has one.
    """

    name: str
    start: str | None
    analysis: tuple[Layer, ...]
    synthesis: tuple[Layer, ...]
    folders: tuple[TileFolder, ...]
    history: HistoryTable | None
    stains: StainTable | None
    lambdas: tuple[float, ...]
    table_sets: int
    quality_channel: int | None
    unquantized_steps: int
    steps: int
    decoder_steps: int
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
    chroma_error: float = 0.0
    realism: TrainingRealism | None = None

    @property
    def natural_together(self) -> bool:
        """Whether the steps of all networks train the natural face too."""
        return self.realism is not None and self.realism.share > 0 and self.steps > 0

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
        SettingError: The file is missing a field, or has a wrong one or one that is unknown.
    """
    try:
        record = tomllib.loads(path.read_text("utf-8"))
        run = record.pop("training")
        config = TrainingConfig(
            name=record.pop("name"),
            start=record.pop("start", None),
            analysis=parse_layers(record.pop("analysis")),
            synthesis=parse_layers(record.pop("synthesis")),
            folders=tuple(TileFolder(**folder) for folder in record.pop("folders")),
            history=_table(HistoryTable, record.pop("history", None)),
            stains=_table(StainTable, record.pop("stains", None)),
            lambdas=tuple(run.pop("lambdas")),
            table_sets=run.pop("table_sets"),
            quality_channel=run.pop("quality_channel", None),
            unquantized_steps=run.pop("unquantized_steps", 0),
            steps=run.pop("steps"),
            decoder_steps=run.pop("decoder_steps", 0),
            batch=run.pop("batch"),
            crop=run.pop("crop"),
            border_weight=run.pop("border_weight"),
            feature_weight=run.pop("feature_weight"),
            feature_steps=run.pop("feature_steps"),
            feature_crops=run.pop("feature_crops"),
            learning_rate=run.pop("learning_rate"),
            gradient_clip=run.pop("gradient_clip"),
            averaging=run.pop("averaging"),
            chroma_error=run.pop("chroma_error", 0.0),
            seed=run.pop("seed"),
            card=record.pop("card"),
            realism=_realism(record.pop("realism", None)),
        )
    except KeyError as error:
        raise SettingError(f"training config {path}: missing {error}") from error
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingError(f"training config {path}: {error}") from error
    # A misplaced key would leave out what it asks for, and hours later nobody would see it.
    unknown = [*record, *(f"training.{key}" for key in run)]
    if unknown:
        raise SettingError(f"training config {path}: expected no {unknown[0]}; is it misplaced?")
    return config


def _realism(table: dict[str, Any] | None) -> TrainingRealism | None:
    if table is None:
        return None
    weights = PerceptionWeights(
        **{field.name: table.pop(field.name) for field in fields(PerceptionWeights)}
    )
    return TrainingRealism(**table, weights=weights)


def _table(kind: Callable[..., Table], record: dict[str, Any] | None) -> Table | None:
    """Make a table of the config; a key that it does not know is a TypeError."""
    if record is None:
        return None
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in record.items()})
