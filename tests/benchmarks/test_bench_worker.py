"""A process of the benchmarks that measures cells, and the run that started it."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("torch", reason="the benchmarks' networks run on torch")
pytest.importorskip("scipy", reason="needs the benchmarks extra")

from benchmarks.bench.command import report_cell

PARENT = """
import multiprocessing, sys, time
from tests.benchmarks.test_bench_worker import report_for_ever
worker = multiprocessing.get_context("spawn").Process(target=report_for_ever)
worker.start()
print(worker.pid, flush=True)
time.sleep(60)
"""


def report_for_ever() -> None:
    while True:
        report_cell("a cell")
        time.sleep(0.1)


def test_a_worker_ends_when_the_run_was_killed() -> None:
    run = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    with run.stdout:
        worker = int(run.stdout.readline())
        assert run.stdout.readline() == "a cell\n"
        run.kill()
        run.wait()
        # Open in the worker too: what is read ends when it has ended.
        reader = threading.Thread(target=run.stdout.read, daemon=True)
        reader.start()
        reader.join(30)
        ended = not reader.is_alive()
        if not ended:
            os.kill(worker, signal.SIGKILL)
            reader.join()
    assert ended
