"""Tests lie where what they test lies."""

from tests.architecture.source import PACKAGE, ROOT

TESTS = ROOT / "tests"
BESIDE = {"plugins": "plugins", "benchmarks": "benchmarks"}
"""Folders of tests for what is not in the package, and what they test."""
KINDS = {
    "architecture",
    "conformance",
    "end_to_end",
    "field_faults",
    "fixtures",
    "fuzz",
    "hostile",
    "mutation",
    "interop",
    "layouts",
    "properties",
}
"""Folders of tests that go through many rooms."""


def test_every_folder_is_of_a_room_or_of_a_kind() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    folders = {path.name for path in TESTS.iterdir() if (path / "__init__.py").exists()}
    assert sorted(folders - rooms - set(BESIDE) - KINDS) == []
    assert all((ROOT / folder).is_dir() for folder in BESIDE.values())


def test_what_lies_beside_the_folders_is_of_a_module() -> None:
    """Tests of a file that lies in no room; all others have a folder."""
    modules = {f"test_{path.name}" for path in PACKAGE.glob("*.py")}
    assert sorted({path.name for path in TESTS.glob("test_*.py")} - modules) == []


def test_no_folder_of_tests_is_forgotten() -> None:
    """Without `__init__.py` two files of one name would be one module."""
    folders = {path.parent for path in TESTS.rglob("test_*.py")}
    assert [
        str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ] == []
