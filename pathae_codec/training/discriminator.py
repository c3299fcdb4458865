"""Tells decoded pictures from real ones patch by patch: PatchGAN (Isola et al. 2017)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (64, 128, 256)
SLOPE = 0.2


class PatchDiscriminator(nn.Sequential):
    """(N, 3, H, W), -1 to 1 -> one number for each patch of 70 x 70 pixels, above 0 for real.

    It normalizes each picture by itself, so that what it says does not depend on the batch.
    """

    def __init__(self) -> None:
        first, *halving = WIDTHS
        layers: list[nn.Module] = [nn.Conv2d(3, first, 4, 2, 1), nn.LeakyReLU(SLOPE)]
        channels = first
        for width, stride in (*((w, 2) for w in halving), (2 * WIDTHS[-1], 1)):
            layers += [
                nn.Conv2d(channels, width, 4, stride, 1, bias=False),
                nn.InstanceNorm2d(width, affine=True),
                nn.LeakyReLU(SLOPE),
            ]
            channels = width
        super().__init__(*layers, nn.Conv2d(channels, 1, 4, 1, 1))
        for layer in self:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0.0, 0.02)

    def judge(self, pictures: Tensor) -> Tensor:
        """Run it in bfloat16 where that helps; float32 comes back."""
        with torch.autocast(pictures.device.type, torch.bfloat16):
            said: Tensor = self(pictures)
        return said.float()


def hinge_loss(real: Tensor, decoded: Tensor) -> Tensor:
    """Return the discriminator's loss (Lim and Ye 2017) from what it says of both."""
    return (functional.relu(1 - real).mean() + functional.relu(1 + decoded).mean()) / 2
