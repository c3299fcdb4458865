"""Nothing of a file is code, and nothing is fetched: covers R-9-no-code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import imports, module_name, modules, tree

UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal",
              "jsonpickle"}  # fmt: skip
RUNNERS = {"code", "codeop", "runpy", "subprocess", "pty"}
NETWORKS = {"urllib", "requests", "http", "httpx", "aiohttp", "socket", "ftplib", "smtplib",
            "huggingface_hub", "fsspec", "s3fs", "xmlrpc"}  # fmt: skip
NETWORK_HOMES = ("pathae_codec.storage.location",)
"""Opens a URL that the user named; no file names one that is opened."""
CALLS = {"eval", "exec", "compile", "__import__", "breakpoint"}


def called(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_nothing_is_unpickled_or_run(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & (UNPICKLERS | RUNNERS)
    for call in called(path):
        if isinstance(call.func, ast.Name):
            assert call.func.id not in CALLS, f"line {call.lineno}"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_no_loader_takes_pickles(path: Path) -> None:
    """`torch.load` only with `weights_only=True`, `numpy.load` never with `allow_pickle`."""
    for call in called(path):
        keywords = {word.arg: word.value for word in call.keywords}
        assert "allow_pickle" not in keywords or is_constant(keywords["allow_pickle"], False)
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "torch.load":
            weights_only = keywords.get("weights_only")
            assert weights_only is not None, f"line {call.lineno}"
            assert is_constant(weights_only, True), f"line {call.lineno}"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_the_network_has_one_home(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    if module_name(path) not in NETWORK_HOMES:
        assert not roots & NETWORKS


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_no_library_is_asked_to_download(path: Path) -> None:
    """`from_pretrained` would look for weights online, unless a path says where they are."""
    for call in called(path):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        assert name not in {"hf_hub_download", "snapshot_download", "urlopen"}
        if name == "from_pretrained":
            assert "weights_path" in {word.arg for word in call.keywords}, f"line {call.lineno}"


def is_constant(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value
