"""What a small input can cost: bounded, and refused before anything is decoded or run."""

from dataclasses import replace
from pathlib import Path
from struct import pack_into

import numpy as np
import pytest
import tifffile

from format_spec.v1.vectors.cost_cases import LONG, WIDE
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.limits import MAX_ACTIVATION_BYTES, MAX_DECODER_WORK
from pathae_codec.codec.batches import check_embeddable, synthesis_tiles
from pathae_codec.container import open_container
from pathae_codec.errors import PayloadError, SettingError
from pathae_codec.model.architecture import Conv, DepthToSpace, GroupBranch, Layer, Upsample
from pathae_codec.model.artifact import Transform
from pathae_codec.model.cost import decoder_cost, multiply_accumulates
from pathae_codec.model.diffusers_architecture import DiffusersDecoder
from pathae_codec.model.library import find_model
from tests.tiny_model import tiny_model

SOF = b"\xff\xc0"


def test_a_jpeg_of_20000_by_20000_in_a_small_image(
    slides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Covers R-tiff-image-sides."""
    path = slides / "slide.tif"
    _state_sides(path, "thumbnail", 20000)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded before its sides were looked at")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", never)
    with pytest.raises(PayloadError, match=r"expected a JPEG of .* at most, got 20000 x 20000"):
        open_container(path).associated_image("thumbnail")


def test_associated_images_of_other_codecs_are_refused(slides: Path) -> None:
    path = slides / "slide.tif"
    with tifffile.TiffFile(path, mode="r+") as tiff:
        page = next(p for p in tiff.pages if "thumbnail" in p.aspage().description)
        page.aspage().tags["Compression"].overwrite(34712)
    with pytest.raises(PayloadError, match="expected JPEG or a lossless compression"):
        open_container(path).associated_image("thumbnail")


def _state_sides(path: Path, name: str, side: int) -> None:
    with tifffile.TiffFile(path) as tiff:
        page = next(p.aspage() for p in tiff.pages if f"\n{name} " in p.aspage().description)
        start, count = page.dataoffsets[0], page.databytecounts[0]
    data = bytearray(path.read_bytes())
    place = data.index(SOF, start, start + count)
    pack_into(">HH", data, place + 5, side, side)
    path.write_bytes(data)


def test_the_shipped_decoder_fits_tiles_of_every_side() -> None:
    model = find_model()
    assert model.synthesis
    cost = decoder_cost(model.synthesis.layers, model.synthesis_channels, model.synthesis.weights)
    assert multiply_accumulates(model.synthesis.layers) < cost.work < MAX_DECODER_WORK
    assert (round(cost.work), cost.values * 4) == (10288, 24)
    assert cost.activation_bytes(4096**2) <= MAX_ACTIVATION_BYTES


@pytest.mark.parametrize(
    ("layers", "inputs", "work", "values"),
    [
        (WIDE, 8, (8 * 128 + 64 * 128) / 64 + 64 * 128 + 3 * 128 + 64 * 3, 131),
        ((Conv(8, 8, 1), GroupBranch(8, 4096, 2), DepthToSpace(1)), 8, None, 4104),
        ((Conv(4, 12, 5), DepthToSpace(2)), 4, (4 * 12 * 25 + 64 * 12) / 4 + 64 * 3, 6),
        ((Upsample(2), Conv(4, 3, 3)), 4, 64 * 4 + 4 * 3 * 9 + 64 * 3, 7),
    ],
    ids=["wide", "branch", "unfolded", "repeated"],
)
def test_cost_of_plain_layers(
    layers: tuple[Layer, ...], inputs: int, work: float | None, values: float
) -> None:
    """Covers R-8.1-work and R-8.1-activations as far as the numbers go."""
    cost = decoder_cost(layers, inputs, {})
    assert work is None or cost.work == pytest.approx(work)
    assert cost.values == pytest.approx(values)


def test_cost_of_diffusers_is_that_of_its_weights() -> None:
    config = {
        "in_channels": 3, "out_channels": 3, "latent_channels": 4,
        "down_block_types": ["DownEncoderBlock2D"], "up_block_types": ["UpDecoderBlock2D"],
        "block_out_channels": [8], "layers_per_block": 1, "act_fn": "silu", "norm_num_groups": 4,
        "use_quant_conv": True, "use_post_quant_conv": True, "mid_block_add_attention": True,
    }  # fmt: skip
    layer = DiffusersDecoder("AutoencoderKL", config)
    weights = {
        "0.decoder.conv_in.weight": np.zeros((8, 4, 3, 3), np.float16),
        "0.decoder.conv_in.bias": np.zeros(8, np.float16),
        "1.other": np.zeros(1000, np.float16),
    }
    cost = decoder_cost([layer], 4, weights)
    assert cost.work == 8 * 4 * 9 + 8
    # Attention of each of 256 x 256 positions with each would take 16 GiB.
    assert cost.activation_bytes(256**2) > 2**34 > MAX_ACTIVATION_BYTES
    assert cost.activation_bytes(64**2) < MAX_ACTIVATION_BYTES


@pytest.mark.parametrize(("layers", "channels"), [(LONG, 1), (WIDE, 8)], ids=["work", "memory"])
def test_no_writer_embeds_what_no_reader_takes(layers: tuple[Layer, ...], channels: int) -> None:
    model = replace(tiny_model(), latent_channels=channels, synthesis=Transform(layers, {}))
    with pytest.raises(SettingError, match=r"^embed_model: .*leave it out"):
        check_embeddable(model, 1024)


def test_tiles_go_through_a_wide_network_few_at_a_time() -> None:
    """A library's model is not refused; its memory is bounded by how many tiles it is given."""
    model = replace(tiny_model(), latent_channels=8, synthesis=Transform(WIDE, {}))
    assert model.synthesis
    header = TileHeader(Mode.LATENT, 256, 256, 3, 60, 0, 0, 4)
    assert synthesis_tiles(model, model.synthesis, header) == 15
    tiny = tiny_model()
    assert tiny.synthesis
    assert synthesis_tiles(tiny, tiny.synthesis, header) == 64
