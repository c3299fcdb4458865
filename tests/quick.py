"""What is tested before every commit: `make quick`, or `python -m tests.quick [FILE ...]`.

The format and its rules: vectors, header, configuration, shards, schemas, layering. The run
is as in a plain install, where torch is missing, and holds itself to what it promises: a test that
is skipped, reads the shared data, starts a process or opens a connection fails, and so does a run
that takes more processor time than it may.
"""

import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SHARED = str(ROOT.parent / "shared")
QUICK = (
    "tests/architecture/test_layering.py",
    "tests/architecture/test_nothing_runs.py",
    "tests/architecture/test_public_api.py",
    "tests/architecture/test_tests_mirror.py",
    "tests/conformance/test_invalid_vectors.py",
    "tests/conformance/test_layer_schema.py",
    "tests/conformance/test_registry_page.py",
    "tests/conformance/test_rules_have_tests.py",
    "tests/conformance/test_schemas.py",
    "tests/conformance/test_spec_tables.py",
    "tests/conformance/test_valid_vectors.py",
    "tests/ome_zarr/test_shard.py",
    "tests/properties/test_header.py",
    "tests/test_configuration.py",
)
MOST_SECONDS = 20
"""Of processor time, which other work on the machine changes little: no process is started.

It counts threads that wait busily too: 14 s of it were 11 s of waiting."""
OPENING = {"open", "os.listdir", "os.scandir"}
LEAVING = {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.system", "socket.connect"}


def main(files: list[str]) -> int:
    """Run the quick tests, or only these files, and return pytest's exit status."""
    os.environ |= {"PATHAE_DATA": str(ROOT / "no-shared-data"), "PATHAE_REQUIRE_SHARED": "1"}
    # What Python takes for a module that is not installed.
    sys.modules["torch"] = None  # type: ignore[assignment]
    sys.addaudithook(refuse)
    options = ["-q", "-n0", f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}"]
    status = pytest.main([*options, *(files or QUICK)], plugins=[NothingIsSkipped()])
    seconds = time.process_time()
    print(f"{seconds:.1f} s of processor time, expected at most {MOST_SECONDS} s")
    return int(status) or int(seconds > MOST_SECONDS)


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise where a test leaves this process or opens something in the shared data."""
    if event in LEAVING:
        raise AssertionError(f"a quick test calls {event}")
    if event in OPENING and isinstance(arguments[0], str | os.PathLike):
        path = os.path.abspath(arguments[0])
        if path == SHARED or path.startswith(SHARED + os.sep):
            raise AssertionError(f"a quick test reads {path}")


class NothingIsSkipped:
    """A plugin of pytest by which a skipped test, or file of tests, has failed."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        fail_if_skipped(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        fail_if_skipped(report)
        return report


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        report.longrepr = f"a quick test was skipped: {report.longrepr}"
        report.outcome = "failed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
