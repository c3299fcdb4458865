"""What a training run starts from: a model as it is, one made coarser, one made wider."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch

from benchmarks.synthetic_slide import draw_tissue
from pathae_codec.backends.choice import choose_backend
from pathae_codec.backends.torch_networks import build_network
from pathae_codec.bitstream.frequencies import ideal_bytes
from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Conv, Layer, Residual, output_channels
from pathae_codec.model.library import find_model
from pathae_codec.model.quantizer import dequantize, quantize
from pathae_codec.training.coarser import coarser_model
from pathae_codec.training.fit import FittingLatents, fit_bottleneck
from pathae_codec.training.quality import silence
from pathae_codec.training.rate import RateModel
from pathae_codec.training.start import start_from
from pathae_codec.training.wider import wider_model
from tests.tiny_model import tiny_model


def test_what_is_added_to_a_model_starts_as_the_identity() -> None:
    model = find_model()
    assert model.analysis
    assert model.synthesis
    added = Residual(output_channels(model.synthesis.layers[:3], model.latent_channels))
    longer = (*model.synthesis.layers[:3], added, *model.synthesis.layers[3:])
    networks = build_network(model.analysis.layers), build_network(longer)
    rate = RateModel((0.001, 0.004, 0.02), model.latent_channels, 8)
    start_from(model, (model.analysis.layers, longer), networks, rate)
    latents = (
        np.random.default_rng(0).normal(size=(1, model.latent_channels, 4, 4)).astype(np.float32)
    )
    expected = choose_backend("torch").load_synthesis(model.synthesis, 0).synthesize(latents)
    planes = (networks[1](torch.from_numpy(latents)) + 1) * 127.5
    actual = planes.detach().round().clamp(0, 255).permute(0, 2, 3, 1).numpy()
    assert np.abs(actual - expected).max() <= 1
    words = [model.bottlenecks[q].quantizer.codewords[0] for q in (0, 50, 100)]
    steps = [float(w[-1] - w[-2]) for w in words]
    assert rate.log_gains[:, 0].exp().tolist() == pytest.approx([1 / s for s in steps], rel=1e-3)


def test_a_start_forgets_what_the_quality_channel_said() -> None:
    model = find_model()
    assert model.analysis
    assert model.synthesis
    networks = build_network(model.analysis.layers), build_network(model.synthesis.layers)
    start_from(
        model,
        (model.analysis.layers, model.synthesis.layers),
        networks,
        RateModel((0.001, 0.02), model.latent_channels, 8),
    )
    silence(model, 3, networks)
    weight = networks[1].get_parameter("0.weight")
    assert not weight[:, 3].any()
    assert weight[:, 4].any()


def widened_layers(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layers about the latent with 6 for 4 channels, and 24 for 16 once folded."""
    wide: list[Layer] = list(layers)
    mix = 0 if isinstance(layers[0], Conv) else -1
    wide[mix] = Conv(24, 24, 1)
    for narrow, more in ((Conv(16, 4, 3), Conv(16, 6, 3)), (Conv(4, 16, 3), Conv(6, 16, 3))):
        if narrow in layers:
            wide[layers.index(narrow)] = more
    return tuple(wide)


def test_a_wider_model_is_the_same_function_to_begin_with() -> None:
    model = tiny_model()
    assert model.analysis
    backend = choose_backend("torch")
    pixels = np.stack([draw_tissue(128, 128, seed) for seed in range(4)])
    first = coarser_model(model, backend.load_analysis(model.analysis, 0).analyze(pixels))
    assert first.analysis
    assert first.synthesis
    layers = widened_layers(first.analysis.layers), widened_layers(first.synthesis.layers)
    wide = wider_model(first, layers, 1)
    assert wide.analysis
    assert wide.synthesis
    narrow_latents = backend.load_analysis(first.analysis, 0).analyze(pixels)
    latents = backend.load_analysis(wide.analysis, 0).analyze(pixels)
    assert latents.shape == (4, 24, 8, 8)
    assert np.allclose(latents[:, :16], narrow_latents, atol=1e-3)
    # What is added sees the picture, every channel in its own way.
    added = latents[:, 16:].transpose(1, 0, 2, 3).reshape(8, -1)
    assert added.std(1).min() > 0
    assert np.linalg.matrix_rank(np.corrcoef(added)) == 8
    decoded = backend.load_synthesis(wide.synthesis, 0).synthesize(latents)
    expected = backend.load_synthesis(first.synthesis, 0).synthesize(narrow_latents)
    assert np.abs(decoded.astype(int) - expected).max() <= 1
    with pytest.raises(SettingError, match="start: expected an analysis with the model's layers"):
        wider_model(first, (layers[0][1:], layers[1]), 1)


def test_a_start_with_other_layers_is_refused() -> None:
    model = find_model()
    assert model.analysis
    fewer = model.analysis.layers[:1]
    rate = RateModel((0.001,), model.latent_channels, 8)
    networks = build_network(fewer), build_network(fewer)
    with pytest.raises(SettingError, match="start: expected also Conv"):
        start_from(model, (fewer, fewer), networks, rate)


def test_a_coarser_model_is_the_same_function_and_says_less() -> None:
    model = tiny_model()
    assert model.analysis
    assert model.synthesis
    pixels = np.stack([draw_tissue(128, 128, seed) for seed in range(12)])
    backend = choose_backend("torch")
    values = backend.load_analysis(model.analysis, 0).analyze(pixels)
    coarser = coarser_model(model, values)
    assert (coarser.factor, coarser.latent_channels) == (16, 16)
    assert coarser.analysis
    assert coarser.synthesis
    turned = backend.load_analysis(coarser.analysis, 0).analyze(pixels)
    assert turned.shape == (12, 16, 8, 8)
    decoded = backend.load_synthesis(coarser.synthesis, 0).synthesize(turned)
    expected = backend.load_synthesis(model.synthesis, 0).synthesize(values)
    assert np.abs(decoded.astype(int) - expected).max() <= 2
    assert [decoded.shape, coarser.qualities] == [pixels.shape, model.qualities]
    errors, sizes = [], []
    for one, shown in ((coarser, turned), (model, values)):
        bottleneck = one.bottlenecks[60]
        symbols = quantize(shown, bottleneck.quantizer)
        restored = dequantize(symbols, bottleneck.quantizer, *shown.shape[2:])
        planes = backend.load_synthesis(one.synthesis, 0).synthesize(restored)
        # What an untrained model decodes is no picture: what rounding loses is compared.
        errors.append(np.square(planes.astype(float) - expected).mean())
        # The old tables were counted on real tissue, so count on what is drawn here.
        gains = np.array(
            [1 / (w[-1] - w[-2]) if len(w) > 1 else 1e-3 for w in bottleneck.quantizer.codewords]
        )
        fitted = fit_bottleneck(FittingLatents(shown), gains, 1)
        sizes.append(ideal_bytes(quantize(shown, fitted.quantizer), fitted.tables).sum())
    assert errors[0] < 1.1 * errors[1]
    assert sizes[0] < sizes[1]
