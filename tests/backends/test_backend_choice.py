"""What the environment says of the networks: which backend runs them, on how many threads."""

from dataclasses import replace

import numpy as np
import pytest

from pathae_codec.backends import choice, onnx_backend
from pathae_codec.backends.choice import available_backends, backend_name, thread_count
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Relu
from pathae_codec.model.library import find_model
from tests.tiny_model import tiny_model


def test_the_environment_names_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHAE_BACKEND", "onnx")
    assert backend_name() == "onnx"
    assert backend_name("torch") == "torch"


def test_an_empty_name_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHAE_BACKEND", "")
    assert backend_name() == available_backends()[0]


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHAE_BACKEND", "cuda")
    with pytest.raises(SettingError, match=r"expected auto or one of .*, got 'cuda'"):
        backend_name()


@pytest.mark.parametrize(("stated", "given", "threads"), [("3", 0, 3), ("3", 2, 2), ("", 0, 0)])
def test_threads_are_the_callers_or_the_environments(
    monkeypatch: pytest.MonkeyPatch, stated: str, given: int, threads: int
) -> None:
    monkeypatch.setattr(choice, "_processors", lambda: 4)
    monkeypatch.setenv("PATHAE_THREADS", stated)
    assert thread_count(given) == threads


@pytest.mark.parametrize("stated", ["two", "-1", "1.5", "²"])
def test_a_wrong_number_of_threads_is_refused(monkeypatch: pytest.MonkeyPatch, stated: str) -> None:
    monkeypatch.setenv("PATHAE_THREADS", stated)
    with pytest.raises(SettingError, match="PATHAE_THREADS: expected a whole number from 0 on"):
        thread_count()


def test_networks_are_loaded_with_these_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    for load in ("load_analysis", "load_synthesis"):
        original = getattr(onnx_backend, load)
        monkeypatch.setattr(
            onnx_backend, load, lambda t, n, to=original: threads.append(n) or to(t, n)
        )
    monkeypatch.setenv("PATHAE_THREADS", "1")
    codec = TileCodec(tiny_model(), backend="onnx")
    tile = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8)
    codec.decode_tiles(codec.encode_tiles(tile, 20))
    assert threads == [1, 1]


def test_analysis_is_in_bfloat16_where_nothing_is_lost_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    openvino_backend = pytest.importorskip(
        "pathae_codec.backends.openvino_backend", reason="needs the extra openvino"
    )
    precisions = []
    monkeypatch.setattr(
        openvino_backend, "OpenVinoTransform", lambda *given: precisions.append(given[-1])
    )
    ours = find_model().analysis
    assert ours is not None
    other = replace(ours, layers=(*ours.layers[:2], Relu(), *ours.layers[2:]))
    for transform in (ours, other):
        openvino_backend.load_analysis(transform, 1)
    assert precisions == ["bf16", "f32"]
