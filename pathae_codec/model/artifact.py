"""The model artifact: weights, codebooks, frequency tables and canary in one safetensors value.

The same format serves three needs, told apart by which tensors are there:

* a *model* has all of them;
* the *codec parameters* that a container stores have the codebooks and frequency tables of the
  qualities in use, a canary, and the decoder's identity, but no weights;
* *embedded* parameters have the decoder's weights too.

Spec: v1, model artifact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.exact import JpegSet
from pathae_codec.bitstream.frequencies import FrequencyTables
from pathae_codec.bitstream.limits import (
    MAX_QUALITY,
)
from pathae_codec.errors import (
    SettingError,
)
from pathae_codec.model.architecture import Layer
from pathae_codec.model.quantizer import Quantizer
from pathae_codec.model.realism import STEPS, Realism

Tensors = dict[str, NDArray[Any]]
CARRIED = (
    "license",
    "sources",
    "research_only",
    "scaling_factor",
    "shift_factor",
    "latents_mean",
    "latents_std",
)
"""What a file carries of its model's card: its terms, and the scale of its latents."""


@dataclass(frozen=True)
class Transform:
    """One of the two networks: layers as data, and weights by the names of `weight_shapes`.

    Attributes:
        layers: In order of use.
        weights: Of a synthesis with two faces: of the faithful one.
        natural: Weights of its natural face, of the same names, shapes and dtypes; None without.
    """

    layers: tuple[Layer, ...]
    weights: Tensors
    natural: Tensors | None = None

    def face(self, steps: int) -> "Transform":
        """Return the network of one face: weights between the two, by eighths of realism.

        `faithful * (1 - steps / 8) + natural * steps / 8`, in float32; a network that has one face
        only stays as it is.
        """
        if self.natural is None:
            return self
        share = np.float32(steps / STEPS)
        weights = {
            name: weight.astype(np.float32) * (1 - share)
            + self.natural[name].astype(np.float32) * share
            for name, weight in self.weights.items()
        }
        return Transform(self.layers, weights)


@dataclass(frozen=True)
class Bottleneck:
    """What lies between the networks at one quality: quantizer and entropy model."""

    quantizer: Quantizer
    tables: FrequencyTables


@dataclass(frozen=True)
class Canary:
    """A latent tile and what the right decoder gives for it.

    Attributes:
        tile: The bytes of the tile.
        pixels: uint8 (H, W, 3), at the default realism where the model takes one.
        faces: The same at realism 0 and 1, by eighths; empty where the model takes none.
    """

    tile: bytes
    pixels: NDArray[np.uint8]
    faces: Mapping[int, NDArray[np.uint8]] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelArtifact:
    """A model, or the part of it that a file carries.

    Attributes:
        name: For people; the identities decide.
        factor: Pixels per latent, per side; tile sides are multiples of it.
        latent_channels: Channels of the latent.
        decoder_id, encoder_id: `sha256:` and 64 hex digits, see `identity.transform_id`.
        analysis, synthesis: The networks, as far as they are there.
        bottlenecks: By quality, 0 to 100.
        canary: None in a model.
        card: Licence, sources of the decoder, training; JSON.
        tile_global: Whether a pixel may depend on all of its tile: see `is_tile_global`.
        realism: How the synthesis takes realism; None if it takes none.
        jpeg_sets: What the JPEG streams of exact tiles have in common; none in a model.
    """

    name: str
    factor: int
    latent_channels: int
    decoder_id: str
    encoder_id: str
    analysis: Transform | None
    synthesis: Transform | None
    bottlenecks: Mapping[int, Bottleneck]
    canary: Canary | None
    card: Mapping[str, Any]
    tile_global: bool = False
    realism: Realism | None = None
    jpeg_sets: tuple[JpegSet, ...] = ()

    @property
    def qualities(self) -> tuple[int, ...]:
        """The rungs of the quality ladder, ascending."""
        return tuple(sorted(self.bottlenecks))

    @property
    def synthesis_channels(self) -> int:
        """Channels that the synthesis takes: those of the latent, and of noise."""
        return self.latent_channels + (self.realism.noise_channels if self.realism else 0)

    @property
    def default_steps(self) -> int:
        """Eighths of realism for who asks for none; 0 where the model takes no realism."""
        return self.realism.default if self.realism else 0

    @property
    def profiles(self) -> Mapping[str, int]:
        """Rungs that have a name and are taken by it only, such as `paper`: the card's."""
        named = self.card.get("profiles", {})
        return {name: rung for name, rung in dict(named).items() if rung in self.bottlenecks}

    def nearest_quality(self, quality: int) -> int:
        """Return the rung nearest to what a user asked for, 0 to 100; the higher one of two."""
        if not 0 <= quality <= MAX_QUALITY:
            raise SettingError(f"quality: expected 0 to {MAX_QUALITY}, got {quality}")
        kept = self.profiles.values()
        rungs = [rung for rung in self.qualities if rung not in kept] or self.qualities
        if not rungs:
            raise SettingError(
                f"model {self.name}: expected codebooks, found none; "
                f"pathae models fit-codebook {self.name} TILES"
            )
        return min(rungs, key=lambda rung: (abs(rung - quality), -rung))

    def describe_rung(self, quality: int) -> str | None:
        """Say which rung is taken for a quality that is none, and which are beside it; else None.

        Raises:
            SettingError: As `nearest_quality`.
        """
        taken = self.nearest_quality(quality)
        if taken == quality:
            return None
        kept = self.profiles.values()
        rungs = [rung for rung in self.qualities if rung not in kept]
        at = rungs.index(taken) if taken in rungs else 0
        beside = " and ".join(map(str, [*rungs[max(0, at - 1) : at], *rungs[at + 1 : at + 2]]))
        return f"quality {quality} is no rung of model {self.name}: {taken} is taken" + (
            f", beside it are {beside}" if beside else ""
        )


WITHOUT_PARAMETERS = ModelArtifact(
    name="none",
    factor=1,
    latent_channels=1,
    decoder_id="",
    encoder_id="",
    analysis=None,
    synthesis=None,
    bottlenecks={},
    canary=None,
    card={},
)
"""What decodes tiles that need no model: constant and fallback ones, as associated images are."""


def codec_parameters(
    model: ModelArtifact,
    qualities: Iterable[int],
    canary: Canary,
    jpeg_sets: tuple[JpegSet, ...] = (),
    *,
    embed: bool = False,
) -> ModelArtifact:
    """Return the part of a model that a file carries.

    Args:
        model: A whole model.
        canary: One that `TileCodec.make_canary` made at one of the qualities.
        qualities: The rungs that tiles of the file may use.
        jpeg_sets: That its exact tiles may name.
        embed: Also carry the decoder's weights, so that nothing else is needed to decode.
    """
    bottlenecks = {
        quality: replace(
            model.bottlenecks[quality],
            quantizer=replace(model.bottlenecks[quality].quantizer, thresholds=None),
        )
        for quality in qualities
    }
    card = {key: model.card[key] for key in CARRIED if key in model.card}
    synthesis = model.synthesis if embed else None
    return replace(
        model,
        analysis=None,
        synthesis=synthesis,
        bottlenecks=bottlenecks,
        canary=canary,
        card=card,
        jpeg_sets=jpeg_sets,
    )
