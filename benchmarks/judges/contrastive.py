"""A network trained here without labels, by contrast alone, on `tiles/train` only.

    python -m benchmarks.judges.contrastive [--steps 1200]

trains it anew and writes `contrastive.safetensors`. Two views of one place are to be alike and all
others apart (SimCLR, Chen et al. 2020). A view is a crop, turned and flipped, with its optical
densities scaled by channel: nothing blurs, adds noise or compresses, so that the network is not
taught to overlook what a codec does. It is a judge: no loss of a codec may use it.

It sees how much fine energy there is more than where: JPEG at quality 5 (25.7 dB) is 0.97 like the
original to it, AVIF of fewer bytes and 29.8 dB 0.86 (BreCaHAD). It tells codecs that smooth apart;
against JPEG it says little. A batch mixes all sources, and their sharpness tells them apart too:
batches of one source each are what to try next.
"""

import argparse
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from benchmarks.data import data_folder, shared_tiles

WEIGHTS = Path(__file__).with_name("contrastive.safetensors")
WIDTHS = (24, 48, 96, 160)
PLACE, VIEW = 128, 96
PLACES_EACH = 400
"""Of a source: sources differ in size by a factor of 20."""
BATCH, LEARNING_RATE, TEMPERATURE = 64, 2e-3, 0.2


class Residual(nn.Module):
    """Two convolutions, the first with stride 2, and a skip."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.skip = nn.Conv2d(inputs, outputs, 1, 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, H/2, W/2)."""
        return torch.relu(self.body(x) + self.skip(x))


class ContrastiveNetwork(nn.Module):
    """A strided convolution and three residual blocks: 0.6 M parameters, down to a 16th."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        first, *others = WIDTHS
        self.stem = nn.Sequential(
            nn.Conv2d(3, first, 3, 2, 1, bias=False), nn.BatchNorm2d(first), nn.ReLU()
        )
        pairs = zip(WIDTHS, others, strict=False)
        self.blocks = nn.ModuleList(Residual(inputs, outputs) for inputs, outputs in pairs)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the mean of each of the last two blocks, (N, 96) and (N, 160).

        Args:
            x: float (N, 3, H, W), 0 to 1.
        """
        x = self.stem(2 * x - 1)
        means = []
        for block in self.blocks:
            x = block(x)
            means.append(x.mean((2, 3)))
        return means[-2:]


@cache
def contrastive_network() -> ContrastiveNetwork:
    """Return the network with the weights that lie beside this file."""
    network = ContrastiveNetwork()
    weights = load_file(WEIGHTS)
    network.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)
    return network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def training_places(random: np.random.Generator) -> NDArray[np.uint8]:
    """Cut places from all sources, every second one at half size: uint8 (N, PLACE, PLACE, 3)."""
    sources = sorted(path.name for path in (data_folder() / "tiles" / "train").iterdir())
    places = []
    for source in sources:
        paths = shared_tiles("train", source)
        chosen = random.permutation(len(paths))[:PLACES_EACH]
        each = -(-PLACES_EACH // len(chosen))
        for index in chosen:
            picture = np.asarray(Image.open(paths[index]).convert("RGB"))
            places += [
                _place(random, picture, half=bool(turn % 2) or source == "glomeruli_pas")
                for turn in range(each)
            ]
    return np.stack(places)


def _place(
    random: np.random.Generator, picture: NDArray[np.uint8], *, half: bool
) -> NDArray[np.uint8]:
    half = half and min(picture.shape[:2]) >= 2 * PLACE
    side = 2 * PLACE if half else PLACE
    top, left = (int(random.integers(0, length - side + 1)) for length in picture.shape[:2])
    cut = picture[top : top + side, left : left + side]
    if not half:
        return cut
    return cut.reshape(PLACE, 2, PLACE, 2, 3).mean((1, 3)).round().astype(np.uint8)


def draw_view(random: np.random.Generator, places: NDArray[np.uint8]) -> Tensor:
    """Return one view of each place, float (N, 3, VIEW, VIEW), 0 to 1."""
    views = []
    for place in places:
        top, left = random.integers(0, PLACE - VIEW + 1, 2)
        view = np.rot90(place[top : top + VIEW, left : left + VIEW], int(random.integers(4)))
        views.append(view[:, ::-1] if random.integers(2) else view)
    x = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 255
    scales = torch.from_numpy(random.uniform(0.7, 1.4, (len(places), 3, 1, 1))).float()
    return x.clamp_min(1 / 255).pow(scales)


def contrast(first: Tensor, second: Tensor) -> Tensor:
    """Return the cross entropy of finding each view's partner among all others (NT-Xent)."""
    views = nn.functional.normalize(torch.cat([first, second]), dim=1)
    scores = views @ views.T / TEMPERATURE
    scores.fill_diagonal_(-1e9)
    count = len(first)
    partners = torch.arange(2 * count).roll(count)
    return nn.functional.cross_entropy(scores, partners)


def train_contrastive(places: NDArray[np.uint8], steps: int, seed: int = 0) -> ContrastiveNetwork:
    """Train a network from nothing; the head that the contrast is taken on is dropped."""
    random = np.random.default_rng(seed)
    network = ContrastiveNetwork(seed)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    width = WIDTHS[-1] + WIDTHS[-2]
    head = nn.Sequential(nn.Linear(width, 256), nn.ReLU(), nn.Linear(256, 64))
    parameters = [*network.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    for step in range(steps):
        chosen = places[random.permutation(len(places))[:BATCH]]
        views = torch.cat([draw_view(random, chosen), draw_view(random, chosen)])
        views = views.contiguous(memory_format=torch.channels_last)
        heads = head(torch.cat(network(views), 1))
        loss = contrast(heads[: len(chosen)], heads[len(chosen) :])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == steps - 1:
            print(f"step {step}: {loss.item():.3f}", flush=True)
    return network.eval()


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    places = training_places(np.random.default_rng(0))
    print(f"{len(places)} places", flush=True)
    network = train_contrastive(places, options.steps)
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    # Counters of batches say nothing to a frozen network.
    kept = {n: v.half() for n, v in weights.items() if not n.endswith("num_batches_tracked")}
    save_file(kept, options.out)


if __name__ == "__main__":
    main()
