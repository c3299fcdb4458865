"""Slides in an S3 bucket: a real client, and a server that answers as S3 does."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings

pytest.importorskip("s3fs", reason="s3fs is not installed; the extra pathae[s3] brings it")
moto_server = pytest.importorskip("moto.server", reason="moto, which stands for S3, is missing")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    import fsspec
    from fsspec.config import conf

    server = moto_server.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {"endpoint_url": f"http://{host}:{port}", "key": "k", "secret": "s"}
    monkeypatch.setitem(conf, "s3", settings)
    # The server's buckets outlive it in this process.
    name = f"slides-{uuid4().hex}"
    fsspec.filesystem("s3").mkdir(name)
    yield f"s3://{name}"
    server.stop()


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr"])
def test_a_slide_in_a_bucket_is_as_on_a_disk(name: str, bucket: str, tmp_path: Path) -> None:
    import fsspec

    source, path = tmp_path / "drawn.svs", tmp_path / name
    write_synthetic_slide(source, width=600, height=500, levels=2)
    convert_slide(source, path, ConvertSettings(tile=128))
    fsspec.filesystem("s3").put(str(path), f"{bucket}/{name}", recursive=path.is_dir())
    with pathae_codec.open(path) as here, pathae_codec.open(f"{bucket}/{name}") as there:
        assert there.level_dimensions == here.level_dimensions
        region = ((100, 90), 0, (300, 200))
        assert (there.read_array(*region) == here.read_array(*region)).all()
        assert there.associated_images.keys() == here.associated_images.keys()
