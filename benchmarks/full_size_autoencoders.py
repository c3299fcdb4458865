"""The full-size architectures of the paper, through the codec and by diffusers directly.

    python -m benchmarks.full_size_autoencoders [sd-1.5] [sd-3] [dc-ae-f32c32]

Each is built with its published config and seeded random weights, saved as diffusers saves it,
added as `pathae models add` does and given a tile of 256. Compared are the latents, what the
decoder gives for the latents that a tile bitstream holds, before rounding, and the pixels. One at a
time: up to 1.3 GB of weights, and several times that for a moment.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.backends.torch_backend import TorchTransform
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.library import load_model_file
from pathae_codec.model.quantizer import dequantize
from pathae_codec.pretrained.add import Source, add_model
from pathae_codec.pretrained.published import DC_AE_F32C32_SANA
from pathae_codec.training.codebook import fit_fixed

SIDE, SEED, QUALITY = 256, 2026, 100
TOLERANCE = 1e-4
_KL = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
}
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "sd-1.5": ("AutoencoderKL", {**_KL, "latent_channels": 4, "scaling_factor": 0.18215}),
    "sd-3": (
        "AutoencoderKL",
        {
            **_KL,
            "latent_channels": 16,
            "scaling_factor": 1.5305,
            "shift_factor": 0.0609,
            "use_quant_conv": False,
            "use_post_quant_conv": False,
        },
    ),
    "dc-ae-f32c32": ("AutoencoderDC", dict(DC_AE_F32C32_SANA)),
}


@dataclass(frozen=True)
class Comparison:
    """Largest absolute differences: latents, decoded values (-1 to 1), 8-bit pixels; seconds."""

    parameters: int
    latents: float
    decoded: float
    pixels: int
    encode: float
    decode: float


def compare(network: str, config: dict[str, Any], folder: Path) -> Comparison:
    """Compare one architecture; `folder` must be that of PATHAE_MODELS."""
    autoencoder = random_autoencoder(network, config)
    autoencoder.save_pretrained(folder / "source")
    pixels = draw_tissue(SIDE, SIDE, 1)[None]
    source = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        encoded = autoencoder.encode(source)
        direct = encoded.latent_dist.mode() if network == "AutoencoderKL" else encoded.latent
    model = load_model_file(add_model(Source(str(folder / "source")), "added").path)
    model = replace(model, bottlenecks={QUALITY: fit_fixed(direct.numpy(), 256, "global")})
    codec = TileCodec(model, backend="torch")
    analysis, synthesis = codec._analysis, codec._synthesis
    assert isinstance(synthesis, TorchTransform)
    latents = analysis.analyze(pixels)
    start = time.perf_counter()
    (data,) = codec.encode_tiles(pixels, QUALITY)
    middle = time.perf_counter()
    (decoded,) = codec.decode_tiles([data])
    end = time.perf_counter()
    symbols = codec.decode_tile_symbols([unpack_tile(data)])
    words = model.bottlenecks[QUALITY].quantizer
    stored = torch.from_numpy(dequantize(symbols, words, *direct.shape[2:]))
    with torch.inference_mode():
        planes = autoencoder.decode(stored).sample
        ours = synthesis._run(stored.contiguous(memory_format=torch.channels_last), SIDE * SIDE)
        difference = (ours - planes).abs().max().item()
    expected = ((planes[0] + 1) * 127.5).clamp(0, 255).round().permute(1, 2, 0).numpy()
    return Comparison(
        parameters=sum(p.numel() for p in autoencoder.parameters()),
        latents=float(np.abs(latents - direct.numpy()).max()),
        decoded=difference,
        pixels=int(np.abs(decoded - expected).max()),
        encode=middle - start,
        decode=end - middle,
    )


def random_autoencoder(network: str, config: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return a network of the library diffusers with seeded random weights."""
    import diffusers

    torch.manual_seed(SEED)
    return getattr(diffusers, network)(**config).eval()


def main() -> int:
    """Compare the networks named, or all; 1 if one differs by more than the tolerance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=", ".join(NETWORKS))
    chosen = parser.parse_args().networks or list(NETWORKS)
    if unknown := set(chosen) - set(NETWORKS):
        parser.error(f"expected networks of {', '.join(NETWORKS)}, got {', '.join(unknown)}")
    print(f"A drawn tile of {SIDE}, float32, {torch.get_num_threads()} threads, torch on the CPU\n")
    print("| network | parameters | latents off | decoder off | pixels off | encode | decode |")
    print("|---|---|---|---|---|---|---|")
    right = True
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["PATHAE_MODELS"] = folder
            found = compare(*NETWORKS[name], Path(folder))
        right &= max(found.latents, found.decoded) < TOLERANCE
        print(
            f"| {name} | {found.parameters / 1e6:.1f} M | {found.latents:.1e} "
            f"| {found.decoded:.1e} | {found.pixels} "
            f"| {found.encode:.2f} s | {found.decode:.2f} s |",
            flush=True,
        )
    return 0 if right else 1


if __name__ == "__main__":
    raise SystemExit(main())
