"""The small sequential autoencoders (TAEF2 and its kin) -> plain layers, which every backend runs.

Their two files are state dicts of `nn.Sequential`, which do not say what the modules without
weights are: an encoder's convolutions without bias halve the side; a decoder begins with a soft
clamp, a ReLU follows its first convolution, and an upsampling stands before each one without bias.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pathae_codec.errors import ArtifactError, ModelNotFoundError
from pathae_codec.model.architecture import (
    Block,
    Conv,
    Downsample,
    FromUnit,
    GroupBranch,
    Layer,
    Relu,
    SoftClamp,
    ToUnit,
    Upsample,
)
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform
from pathae_codec.pretrained.autoencoder import pretrained_model

GROUPS = 4
CLAMP = 3
_BLOCK_PARTS = {"conv.0": "first", "conv.2": "second", "conv.4": "third"}
_BRANCH_PARTS = {"pool.0": "first", "pool.1": "norm", "pool.3": "second"}


def load_sequential(
    encoder: Path, decoder: Path, name: str, card: Mapping[str, Any]
) -> ModelArtifact:
    """Read the two state dicts (.pth by `weights_only`, or safetensors).

    Raises:
        ArtifactError: Their modules are not those of such a network.
        ModelNotFoundError: A file is missing or no state dict.
    """
    analysis = _transform(_analysis(_modules(_read_state(encoder))))
    synthesis = _transform(_synthesis(_modules(_read_state(decoder))))
    return pretrained_model(name, analysis, synthesis, card)


Placed = tuple[Layer, Tensors]
"""A layer with its weights, named as in `weight_shapes` without the layer's number."""


def _transform(placed: list[Placed]) -> Transform:
    weights = {f"{i}.{n}": w for i, (_, part) in enumerate(placed) for n, w in part.items()}
    return Transform(tuple(layer for layer, _ in placed), weights)


def _read_state(path: Path) -> Tensors:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.contiguous().numpy() for name, tensor in state.items()}
    except Exception as error:
        # torch raises what its readers raise, from KeyError to UnpicklingError.
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelNotFoundError(f"weights {path}: expected a state dict: {line:.160}") from None


def _modules(state: Tensors) -> dict[int, Tensors]:
    modules: dict[int, Tensors] = {}
    for name, tensor in state.items():
        number, _, rest = name.partition(".")
        if not number.isdigit() or not rest:
            raise ArtifactError(f"weights {name}: expected the number of a module first")
        modules.setdefault(int(number), {})[rest] = tensor
    return dict(sorted(modules.items()))


def _analysis(modules: dict[int, Tensors]) -> list[Placed]:
    placed: list[Placed] = [(ToUnit(), {})]
    for number, weights in modules.items():
        if "weight" not in weights:
            placed += _blocks(number, weights)
        elif "bias" in weights:
            placed.append(_convolution(weights))
        else:
            outputs, inputs = weights["weight"].shape[:2]
            placed.append((Downsample(inputs, outputs, 2), _with_bias(weights)))
    return placed


def _synthesis(modules: dict[int, Tensors]) -> list[Placed]:
    placed: list[Placed] = [(SoftClamp(CLAMP), {})]
    for number, weights in modules.items():
        if "weight" not in weights:
            placed += _blocks(number, weights)
        elif "bias" not in weights:
            placed += [(Upsample(2), {}), _convolution(weights)]
        elif len(placed) == 1:
            placed += [_convolution(weights), (Relu(), {})]
        else:
            placed.append(_convolution(weights))
    return [*placed, (FromUnit(), {})]


def _convolution(weights: Tensors) -> Placed:
    outputs, inputs, kernel = weights["weight"].shape[:3]
    return Conv(inputs, outputs, kernel), _with_bias(weights)


def _with_bias(weights: Tensors) -> Tensors:
    # The published convolutions that change the side have none.
    bias = np.zeros(len(weights["weight"]), weights["weight"].dtype)
    return {"bias": bias} | weights


def _blocks(number: int, weights: Tensors) -> list[Placed]:
    block, branch = _part(weights, _BLOCK_PARTS), _part(weights, _BRANCH_PARTS)
    if len(block) != 2 * len(_BLOCK_PARTS) or len(block) + bool(branch) * 4 != len(weights):
        raise ArtifactError(
            f"module {number}: expected a convolution, or a block of three with or without a "
            f"pooling branch, got {sorted(weights)}"
        )
    channels = len(block["first.weight"])
    placed: list[Placed] = [(Block(channels), block)]
    if branch:
        inner = len(branch["first.weight"])
        biases = {"first.bias": branch["norm.bias"] * 0, "second.bias": block["first.bias"] * 0}
        placed.insert(0, (GroupBranch(channels, inner, GROUPS), biases | branch))
    return placed


def _part(weights: Tensors, names: Mapping[str, str]) -> Tensors:
    """Return the weights of these modules by our names."""
    return {
        f"{ours}.{kind}": weights[f"{theirs}.{kind}"]
        for theirs, ours in names.items()
        for kind in ("weight", "bias")
        if f"{theirs}.{kind}" in weights
    }
