"""User, password and signed query of an address: in no message, no file, no name of either."""

import json
from pathlib import Path

import pytest

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.errors import PathAEError
from pathae_codec.storage.address import below, shown, source_name, without_secrets
from tests.hostile.bad_server import Fault, serve_badly

pytest.importorskip("aiohttp", reason="aiohttp is not installed: the extra pathae[remote]")
pytestmark = pytest.mark.usefixtures("impatient")
SECRETS = ("hidden-user", "hidden-word", "hidden-signature")


def secret_address(url: str, name: str) -> str:
    scheme, _, host = url.partition("://")
    return f"{scheme}://hidden-user:hidden-word@{host}/{name}?X-Signature=hidden-signature"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://u:p@h:1/a/b.tif?sig=1#x", "https://h:1/a/b.tif"),
        ("HTTPS://u@h/a", "HTTPS://h/a"),
        ("https://h?x=1", "https://h"),
        ("https://h/a?url=https://u:p@h/", "https://h/a"),
        ("simplecache::https://u:p@h/a?b=1", "simplecache::https://h/a"),
        ("zip://a.tif::https://u:p@h/x?s", "zip://a.tif::https://h/x"),
        ("s3://key:word@bucket/a?b.tif", "s3://bucket/a?b.tif"),
        ("sftp://u:p@h/x", "sftp://h/x"),
        ("file:///a/b?c@#.tif", "file:///a/b?c@#.tif"),
        ("/a/u:p@b?c.tif", "/a/u:p@b?c.tif"),
    ],
)
def test_what_is_left_of_an_address(address: str, expected: str) -> None:
    assert without_secrets(address) == expected
    assert shown(address).replace("...@", "").replace("?...", "") == expected
    assert source_name(address).startswith(expected)
    assert (shown(address) == address) == (expected == address)


def test_names_come_before_the_query() -> None:
    assert below("https://h/a.zarr/?sig=1", "0/c/0") == "https://h/a.zarr/0/c/0?sig=1"
    assert below("https://h/a.zarr", "0") == "https://h/a.zarr/0"
    assert below("https://h/a.tif?sig=1", "") == "https://h/a.tif?sig=1"


@pytest.mark.parametrize("name", ["slide.tif", "slide.ome.zarr"])
def test_a_secret_opens_and_is_not_told(name: str, slides: Path) -> None:
    with serve_badly(slides) as server:
        address = secret_address(server.url, name)
        container = open_container(address)
        assert not any(secret in container.location for secret in SECRETS)
        asked = [(path, fields.get("authorization", "")) for _, path, fields in server.asked]
        assert all("hidden-signature" in path for path, _ in asked)
        assert all(user.startswith("Basic") for _, user in asked)


@pytest.mark.parametrize("name", ["slide.tif", "slide.ome.zarr"])
@pytest.mark.parametrize(
    "fault",
    [
        *(Fault("status", code=code) for code in (401, 403, 404, 412, 418, 429, 500, 503)),
        Fault("reset"), Fault("long"), Fault("stall"), Fault("gzip"),
    ],
    ids=lambda fault: f"{fault.kind}{fault.code or ''}",
)  # fmt: skip
def test_no_message_holds_a_secret(
    fault: Fault, name: str, slides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve_badly(slides, fault) as server:
        address = secret_address(server.url, name)
        with pytest.raises(PathAEError) as error:
            pathae_codec.open(address)
        out = slides.parent / "out.tif"
        assert main(["--traceback", "transcode", address, str(out)]) == 2
    said = capsys.readouterr()
    for text in (str(error.value), said.err, said.out):
        assert not any(secret in text for secret in SECRETS)
    line = said.err.strip().splitlines()[-1]
    # JSON with something behind it is told by its name in the slide.
    assert name in line or "file zarr.json" in line


def test_a_connection_refused_tells_none(slides: Path) -> None:
    with serve_badly(slides) as server:
        address = secret_address(server.url, "slide.tif")
    for broken in (address, address.replace("127.0.0.1", "nowhere.invalid"), "nothing" + address):
        with pytest.raises(PathAEError) as error:
            pathae_codec.open(broken)
        assert not any(secret in str(error.value) for secret in SECRETS)


@pytest.mark.parametrize("stated", [True, False])
def test_references_hold_none_and_it_is_said(
    stated: bool, slides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = slides.parent / "out.json"
    with serve_badly(slides) as server:
        address = secret_address(server.url, "slide.tif")
        source = [str(slides / "slide.tif"), "--url", address] if stated else [address]
        assert main(["kerchunk", *source, "-o", str(out)]) == 0
        assert json.loads(out.read_text())["templates"]["u"] == f"{server.url}/slide.tif"
    said = capsys.readouterr()
    assert "user, password and query are left out" in said.err
    for text in (out.read_text(), said.err, said.out):
        assert not any(secret in text for secret in SECRETS)


@pytest.mark.parametrize("ending", [".tif", ".ome.zarr"])
def test_what_is_written_holds_none(
    ending: str, slides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor what lies beside it while it is made."""
    out = slides.parent / f"out{ending}"
    with serve_badly(slides) as server:
        address = secret_address(server.url, "slide.tif")
        for command in ("transcode", "export"):
            assert main([command, address, str(out), "--overwrite"]) == 0
            for file in [out] if out.is_file() else filter(Path.is_file, out.rglob("*")):
                assert not any(secret.encode() in file.read_bytes() for secret in SECRETS)
    said = capsys.readouterr()
    assert not any(secret in said.out + said.err for secret in SECRETS)


def test_the_default_name_of_references_holds_none(
    slides: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serve_badly(slides) as server:
        assert main(["kerchunk", secret_address(server.url, "slide.tif")]) == 0
    assert (tmp_path / "slide.json").exists()
