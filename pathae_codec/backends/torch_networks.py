"""The layers of `architecture` as torch modules, for training and for the torch backend."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathae_codec.errors import ArtifactError
from pathae_codec.model.architecture import (
    GROUP_EPSILON,
    Block,
    Conv,
    DepthToSpace,
    Downsample,
    FromUnit,
    GroupBranch,
    Layer,
    Relu,
    Residual,
    SoftClamp,
    SpaceToDepth,
    ToUnit,
    Upsample,
)
from pathae_codec.model.diffusers_architecture import DiffusersDecoder, DiffusersEncoder


class ConvModule(nn.Conv2d):
    """`architecture.Conv`."""

    def __init__(self, conv: Conv) -> None:
        super().__init__(conv.inputs, conv.outputs, conv.kernel, padding=conv.kernel // 2)


class ResidualModule(nn.Module):
    """`architecture.Residual`."""

    def __init__(self, residual: Residual) -> None:
        super().__init__()
        conv = Conv(residual.channels, residual.channels, 3)
        self.first = ConvModule(conv)
        self.second = ConvModule(conv)

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        inner: Tensor = self.second(functional.silu(self.first(x)))
        return x + inner


class SpaceToDepthModule(nn.Module):
    """`architecture.SpaceToDepth`: (N, C, H, W) to (N, f * f * C, H / f, W / f)."""

    def __init__(self, layer: SpaceToDepth) -> None:
        super().__init__()
        self.factor = layer.factor

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        n, c, h, w = x.shape
        f = self.factor
        blocks = x.reshape(n, c, h // f, f, w // f, f).permute(0, 3, 5, 1, 2, 4)
        return blocks.reshape(n, f * f * c, h // f, w // f)


class DepthToSpaceModule(nn.Module):
    """`architecture.DepthToSpace`: (N, f * f * C, H, W) to (N, C, f * H, f * W)."""

    def __init__(self, layer: DepthToSpace) -> None:
        super().__init__()
        self.factor = layer.factor

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        n, c, h, w = x.shape
        f = self.factor
        blocks = x.reshape(n, f, f, c // (f * f), h, w).permute(0, 3, 4, 1, 5, 2)
        return blocks.reshape(n, c // (f * f), h * f, w * f)


class DownsampleModule(nn.Conv2d):
    """`architecture.Downsample`."""

    def __init__(self, layer: Downsample) -> None:
        super().__init__(layer.inputs, layer.outputs, 3, stride=layer.factor, padding=1)


class UpsampleModule(nn.Module):
    """`architecture.Upsample`."""

    def __init__(self, layer: Upsample) -> None:
        super().__init__()
        self.factor = layer.factor

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        return functional.interpolate(x, scale_factor=self.factor, mode="nearest")


class BlockModule(nn.Module):
    """`architecture.Block`."""

    def __init__(self, layer: Block) -> None:
        super().__init__()
        conv = Conv(layer.channels, layer.channels, 3)
        self.first, self.second, self.third = ConvModule(conv), ConvModule(conv), ConvModule(conv)

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        inner = functional.relu(self.second(functional.relu(self.first(x))))
        return functional.relu(x + self.third(inner))


class GroupBranchModule(nn.Module):
    """`architecture.GroupBranch`."""

    def __init__(self, layer: GroupBranch) -> None:
        super().__init__()
        self.first = ConvModule(Conv(layer.channels, layer.inner, 1))
        self.norm = nn.GroupNorm(layer.groups, layer.inner, eps=GROUP_EPSILON)
        self.second = ConvModule(Conv(layer.inner, layer.channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        inner: Tensor = self.second(functional.relu(self.norm(self.first(x))))
        return x + inner


class PointwiseModule(nn.Module):
    """The layers without weights that work on each value alone."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Run the layer."""
        match self.layer:
            case Relu():
                return functional.relu(x)
            case SoftClamp(limit=limit):
                return torch.tanh(x / limit) * limit
            case ToUnit():
                return (x + 1) / 2
            case _:
                return 2 * x - 1


_MODULES = {
    Conv: ConvModule,
    Residual: ResidualModule,
    SpaceToDepth: SpaceToDepthModule,
    DepthToSpace: DepthToSpaceModule,
    Downsample: DownsampleModule,
    Upsample: UpsampleModule,
    Block: BlockModule,
    GroupBranch: GroupBranchModule,
    Relu: PointwiseModule,
    SoftClamp: PointwiseModule,
    ToUnit: PointwiseModule,
    FromUnit: PointwiseModule,
}


def build_network(layers: tuple[Layer, ...]) -> nn.Sequential:
    """Build the network; its state dict has the names and shapes of the artifact's weights.

    The weights of diffusers layers are on the device `meta` until `load_weights` brings them.

    Raises:
        ArtifactError: diffusers does not know such a config.
        BackendUnavailableError: A diffusers layer, and diffusers is not installed.
    """
    return nn.Sequential(*map(_build_module, layers))


def _build_module(layer: Layer) -> nn.Module:
    if isinstance(layer, DiffusersEncoder | DiffusersDecoder):
        # Seconds of imports that no other model needs.
        from pathae_codec.backends.diffusers_networks import build_half

        return build_half(layer)
    module: nn.Module = _MODULES[type(layer)](layer)
    return module


def load_weights(network: nn.Module, weights: dict[str, Tensor]) -> nn.Module:
    """Put weights (any float dtype) into the network as float32 and return it for inference.

    Raises:
        ArtifactError: Their names or shapes are not those of the network.
    """
    tensors = {name: weight.to(torch.float32) for name, weight in weights.items()}
    try:
        network.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        raise ArtifactError(f"network weights: {' '.join(lines[1:]) or lines[0]:.300}") from None
    return network.eval().requires_grad_(requires_grad=False)
