"""The autoload: tifffile reads PathAE with no import of ours, at next to no cost."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tifffile
from pathae_plugins import tifffile_codec

from pathae_codec.tiff.tags import COMPRESSION, PARAMETERS_TAG
from tests.tiny_model import decode_tiny, draw_tissue, encode_tiny, tiny_parameters

ROOT = Path(__file__).parents[2]
SIDE = 64
HEAVY = ("torch", "onnxruntime", "openvino", "tifffile", "zarr", "openslide")


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the wheel out as pip does."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site-packages")
    return folder / "site-packages"


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a TIFF that carries its decoder."""
    path = tmp_path_factory.mktemp("slide") / "a.tif"
    parameters = tiny_parameters(embed=True)
    tifffile_codec.register()
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            iter(encode_tiny(draw_tissue(SIDE, SIDE)[None])),
            shape=(SIDE, SIDE, 3),
            dtype="uint8",
            tile=(SIDE, SIDE),
            photometric="rgb",
            compression=COMPRESSION,
            extratags=[(PARAMETERS_TAG, 7, len(parameters), parameters, True)],
            metadata=None,
        )
    return path


def run_python(
    site_packages: Path, script: str, *, autoload: bool = True, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a script whose site-packages has our wheel, and no other installation of ours."""
    # The environment that runs the tests may have this package installed, .pth file and all.
    # So that one is switched off at the start, and forgotten before ours is laid in. An editable
    # one leaves the viewer's files in site-packages, and no package.
    prologue = (
        "import os, site, sys\n"
        "ours = [f'{name}/__init__.py' for name in ('pathae_codec', 'pathae_plugins')]\n"
        "sys.path[:] = [p for p in sys.path"
        " if not any(os.path.isfile(os.path.join(p, name)) for name in ours)]\n"
        "assert not any('pathae' in name for name in sys.modules)\n"
        f"os.environ['PATHAE_NO_AUTOLOAD'] = {'0' if autoload else '1'!r}\n"
        f"site.addsitedir({str(site_packages)!r})\n"
    )
    environment = os.environ | {"PATHAE_NO_AUTOLOAD": "1"}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [sys.executable, *options, "-c", prologue + script],
        capture_output=True,
        text=True,
        check=False,
        cwd=site_packages.parent,
        env=environment,
    )


def read_script(slide: Path, imports: str = "import tifffile") -> str:
    return (
        f"{imports}\n"
        f"image = tifffile.imread({str(slide)!r})\n"
        "print(image.shape, image.sum(), 'torch' in sys.modules)"
    )


def expected_output() -> str:
    pixels = decode_tiny(encode_tiny(draw_tissue(SIDE, SIDE)[None]))[0]
    return f"{pixels.shape} {pixels.sum()} False"


def test_the_wheel_says_that_it_is_typed(site_packages: Path) -> None:
    assert (site_packages / "pathae_codec" / "py.typed").is_file()
    assert (site_packages / "pathae_plugins" / "py.typed").is_file()


@pytest.mark.parametrize("imports", ["import tifffile", "from tifffile.tifffile import TiffFile"])
def test_no_import_is_needed(site_packages: Path, slide: Path, imports: str) -> None:
    script = imports + "\nimport tifffile\n" + read_script(slide)
    run = run_python(site_packages, script)
    assert run.stdout.strip() == expected_output(), run.stderr
    assert run.stderr == ""


def test_environment_turns_it_off(site_packages: Path, slide: Path) -> None:
    script = "assert not any('pathae' in name for name in sys.modules)\n" + read_script(slide)
    run = run_python(site_packages, script, autoload=False)
    assert f"{COMPRESSION}" in run.stderr.splitlines()[-1]
    assert run.returncode == 1


@pytest.mark.parametrize(
    "imports", ["import pathae_codec, tifffile", "import tifffile, pathae_codec"]
)
def test_import_of_the_package_registers_in_any_order(
    site_packages: Path, slide: Path, imports: str
) -> None:
    run = run_python(site_packages, read_script(slide, imports), autoload=False)
    assert run.stdout.strip() == expected_output(), run.stderr
    assert run.stderr == ""


@pytest.mark.parametrize(
    "first",
    ["import pathae_plugins.tifffile_codec", "import tifffile, pathae_plugins.tifffile_codec"],
)
def test_register_by_hand(site_packages: Path, slide: Path, first: str) -> None:
    imports = f"{first}\npathae_plugins.tifffile_codec.register()\nimport tifffile"
    run = run_python(site_packages, read_script(slide, imports), autoload=False)
    assert run.stdout.strip() == expected_output(), run.stderr
    assert run.stderr == ""


def test_looking_for_tifffile_does_not_use_it_up(site_packages: Path, slide: Path) -> None:
    imports = (
        "import importlib.util\nassert importlib.util.find_spec('tifffile')\n"
        "assert 'tifffile' not in sys.modules\nimport tifffile"
    )
    run = run_python(site_packages, read_script(slide, imports))
    assert run.stdout.strip() == expected_output(), run.stderr


@pytest.mark.parametrize("options", [(), ("-W", "error")])
def test_tifffile_survives_a_failure(site_packages: Path, options: tuple[str, ...]) -> None:
    script = (
        "sys.modules['pathae_plugins.tifffile_codec'] = None\n"
        "import tifffile\nprint(tifffile.TiffFile.__name__)"
    )
    run = run_python(site_packages, script, options=options)
    assert run.stdout.strip() == "TiffFile", run.stderr
    assert "pathae: tifffile will not decode PathAE" in run.stderr


def test_missing_package_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/pathae.pth").write_bytes((ROOT / "plugins/pathae.pth").read_bytes())
    run = run_python(tmp_path / "site", "print('alive')")
    assert (run.stdout.strip(), run.stderr) == ("alive", "")


def test_start_file_names_a_function() -> None:
    module, name = (ROOT / "plugins/pathae.start").read_text().strip().split(":")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


def test_wheel_lays_both_files_beside_the_packages(site_packages: Path) -> None:
    for name in ("pathae.pth", "pathae.start", "pathae_codec", "pathae_plugins"):
        assert (site_packages / name).exists()
    assert len((site_packages / "pathae.pth").read_text().splitlines()) == 1


def test_autoload_imports_next_to_nothing(site_packages: Path) -> None:
    script = (
        "import os, time\nbefore = set(sys.modules)\nstart = time.perf_counter()\n"
        "from pathae_plugins.autoload import at_startup\nat_startup()\n"
        "print(time.perf_counter() - start, *sorted(set(sys.modules) - before))"
    )
    # Without site, which lays other modules in; the best of five, for busy machines.
    command = [sys.executable, "-I", "-S", "-c"]
    path = f"import sys; sys.path.insert(0, {str(site_packages)!r})\n"
    runs = [
        subprocess.run([*command, path + script], capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    outputs = [run.stdout.split() for run in runs]
    assert outputs[0][1:] == ["pathae_plugins", "pathae_plugins.autoload"]
    assert min(float(output[0]) for output in outputs) < 0.002


def test_front_door_is_light(site_packages: Path) -> None:
    script = f"import pathae_codec\nprint(sorted({set(HEAVY)!r} & set(sys.modules)))"
    run = run_python(site_packages, script, autoload=False)
    assert run.stdout.strip() == "[]", run.stderr


def test_front_door_gives_its_names() -> None:
    import pathae_codec

    assert set(pathae_codec.__all__) <= set(dir(pathae_codec))
    for name in pathae_codec.__all__:
        assert getattr(pathae_codec, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = pathae_codec.no_such_name
