"""Are the networks of an artifact what its record says? Spec: v1, model artifact, section 3."""

from pathae_codec.errors import ArtifactError
from pathae_codec.model.architecture import (
    FOLDING,
    UNFOLDING,
    is_tile_global,
    output_channels,
    scale_factor,
)
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform
from pathae_codec.model.identity import NATURAL, WEIGHTS, transform_id


def check_networks(artifact: ModelArtifact, tensors: Tensors) -> None:
    """Check the networks that an artifact holds.

    Raises:
        ArtifactError: Channels, factors or an identity are not those of the record, or there are
            weights that no layer has.
    """
    _refuse_surplus_weights(artifact, tensors)
    _check_locality(artifact)
    if artifact.analysis:
        _refuse_layers(artifact.analysis, UNFOLDING)
        channels = 3, artifact.latent_channels
        _check_transform(artifact, artifact.analysis, artifact.encoder_id, *channels)
    if artifact.synthesis:
        _refuse_layers(artifact.synthesis, FOLDING)
        channels = artifact.synthesis_channels, 3
        _check_transform(artifact, artifact.synthesis, artifact.decoder_id, *channels)


def _refuse_surplus_weights(artifact: ModelArtifact, tensors: Tensors) -> None:
    # Neither an identity nor the digest covers them.
    synthesis, analysis = artifact.synthesis, artifact.analysis
    taken = {f"analysis.{name}" for name in (analysis.weights if analysis else ())}
    taken |= {f"synthesis.{name}" for name in (synthesis.weights if synthesis else ())}
    taken |= {f"{NATURAL}{name}" for name in ((synthesis and synthesis.natural) or ())}
    surplus = sorted(n for n in tensors if n.startswith(WEIGHTS) and n not in taken)
    if surplus:
        raise ArtifactError(f"artifact: expected weights of its layers only, got {surplus[0]:.60}")


def _check_locality(artifact: ModelArtifact) -> None:
    networks = [t.layers for t in (artifact.analysis, artifact.synthesis) if t]
    found = any(map(is_tile_global, networks))
    # One network alone may be local while the other, which is elsewhere, is not.
    if found > artifact.tile_global or (len(networks) == 2 and found != artifact.tile_global):
        raise ArtifactError(
            f"artifact tile_global: expected {found} by its layers, got {artifact.tile_global}"
        )


def _refuse_layers(transform: Transform, kinds: tuple[type, ...]) -> None:
    # With both kinds the product of the factors would no longer be the scale of the network.
    if any(isinstance(layer, kinds) for layer in transform.layers):
        raise ArtifactError("network: expected analysis only to fold and synthesis only to unfold")


def _check_transform(
    artifact: ModelArtifact, transform: Transform, identity: str, inputs: int, outputs: int
) -> None:
    actual = output_channels(transform.layers, inputs)
    if actual != outputs or scale_factor(transform.layers) != artifact.factor:
        raise ArtifactError(
            f"network: expected {outputs} channels at factor {artifact.factor}, "
            f"got {actual} at {scale_factor(transform.layers)}"
        )
    computed = transform_id(artifact.factor, artifact.latent_channels, transform)
    if computed != identity:
        raise ArtifactError(f"network identity: expected {identity:.80}, got {computed}")
