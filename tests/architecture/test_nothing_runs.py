"""Nothing of a file is code, and nothing is fetched: covers R-9-no-code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import imports, module_name, modules, tree

UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal",
              "jsonpickle"}  # fmt: skip
RUNNERS = {"code", "codeop", "runpy", "subprocess", "pty"}
NETWORKS = {"urllib", "requests", "http", "httpx", "aiohttp", "socket", "ftplib", "smtplib",
            "huggingface_hub", "fsspec", "s3fs", "xmlrpc"}  # fmt: skip
NETWORK_HOMES = (
    "pathae_codec.storage.remote",
    "pathae_codec.storage.http_request",
    "pathae_codec.viewing.server",
)
"""Open a URL that the user named (no file names one), or answer this machine alone."""
TEXT_OF_URLS = "urllib.parse"
"""Takes an address apart, and asks nobody."""
CALLS = {"eval", "exec", "compile", "__import__", "breakpoint"}


def called(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def imported(path: Path, libraries: set[str]) -> list[str]:
    """Return what a file imports of these libraries, as sentences."""
    names = (name for name in imports(path) if not name.startswith(TEXT_OF_URLS))
    roots = {name.split(".")[0] for name in names}
    return [f"{module_name(path)} imports {root}" for root in sorted(roots & libraries)]


def told(path: Path, call: ast.Call) -> str:
    return f"{module_name(path)}, line {call.lineno}: {ast.unparse(call.func)}"


def test_nothing_is_unpickled_or_run() -> None:
    found = [line for path in modules() for line in imported(path, UNPICKLERS | RUNNERS)]
    found += [
        told(path, call)
        for path in modules()
        for call in called(path)
        if isinstance(call.func, ast.Name) and call.func.id in CALLS
    ]
    assert found == []


def test_no_loader_takes_pickles() -> None:
    """`torch.load` only with `weights_only=True`, `numpy.load` never with `allow_pickle`."""
    assert [
        told(path, call) for path in modules() for call in called(path) if takes_pickles(call)
    ] == []


def takes_pickles(call: ast.Call) -> bool:
    keywords = {word.arg: word.value for word in call.keywords}
    if "allow_pickle" in keywords and not is_constant(keywords["allow_pickle"], False):
        return True
    loads = ast.unparse(call.func) == "torch.load"
    return loads and not is_constant(keywords.get("weights_only"), True)


def test_the_network_has_one_home() -> None:
    abroad = [path for path in modules() if module_name(path) not in NETWORK_HOMES]
    assert [line for path in abroad for line in imported(path, NETWORKS)] == []


def test_no_library_is_asked_to_download() -> None:
    """`from_pretrained` would look for weights online, unless a path says where they are."""
    assert [
        told(path, call) for path in modules() for call in called(path) if downloads(call)
    ] == []


def downloads(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name == "from_pretrained":
        return "weights_path" not in {word.arg for word in call.keywords}
    return name in {"hf_hub_download", "snapshot_download", "urlopen"}


def is_constant(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_the_rules_know_what_breaks_them() -> None:
    def call(source: str) -> ast.Call:
        node = ast.parse(source, mode="eval").body
        assert isinstance(node, ast.Call)
        return node

    assert takes_pickles(call("torch.load(path)"))
    assert takes_pickles(call("torch.load(path, weights_only=False)"))
    assert takes_pickles(call("np.load(path, allow_pickle=True)"))
    assert not takes_pickles(call("torch.load(path, weights_only=True)"))
    assert not takes_pickles(call("np.load(path, allow_pickle=False)"))
    assert downloads(call("Model.from_pretrained(name)"))
    assert downloads(call("hub.hf_hub_download(name)"))
    assert not downloads(call("Model.from_pretrained(name, weights_path=path)"))
