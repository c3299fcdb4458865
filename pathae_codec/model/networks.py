"""The layers of `architecture` as torch modules, for training and for the torch backend."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathae_codec.model.architecture import Conv, DepthToSpace, Layer, Residual, SpaceToDepth


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


_MODULES = {
    Conv: ConvModule,
    Residual: ResidualModule,
    SpaceToDepth: SpaceToDepthModule,
    DepthToSpace: DepthToSpaceModule,
}


def build_network(layers: tuple[Layer, ...]) -> nn.Sequential:
    """Build the network; its state dict has the names and shapes of `weight_shapes`."""
    return nn.Sequential(*(_MODULES[type(layer)](layer) for layer in layers))


def load_weights(network: nn.Module, weights: dict[str, Tensor]) -> nn.Module:
    """Put weights (any float dtype) into the network as float32 and return it for inference."""
    network.load_state_dict({name: weight.to(torch.float32) for name, weight in weights.items()})
    return network.eval().requires_grad_(requires_grad=False)
