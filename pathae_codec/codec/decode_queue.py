"""How readers decode: in batches, on one thread a process that owns the decoders.

Readers ask for single tiles (a zarr chunk, a TIFF tile), networks want many at once. Whatever is
queued while a batch runs becomes the next batch; there is no timer, so a lone tile never waits.
When the process ends, the batch that runs is finished and what waits is cancelled.

The realism is the caller's, else `PATHAE_REALISM`, else the file's. Readers decide by this alone:
`pathae_codec.open`, `TileDataset`, and the plugins of zarr, numcodecs and tifffile, which have no
argument for it. What is stated of a file, its floor and what `verify` measures, is of the file's
own realism, and so is what is made of a file; neither heeds the environment.
"""

import atexit
import os
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING

from pathae_codec.codec.faces import check_canary, chosen_steps
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import WITHOUT_PARAMETERS
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.realism import STEPS, eighths

if TYPE_CHECKING:
    from pathae_codec.arrays import Pixels

MAX_BATCH = 64
VARIABLE = "PATHAE_REALISM"


@lru_cache(maxsize=8)
def codec_for(parameters: bytes, realism: float | None = None) -> TileCodec:
    """Return the codec for a file's codec parameters; the same arguments give the same codec.

    Args:
        parameters: Of the file; empty for tiles that need no model.
        realism: At which it decodes; None for the file's own.

    Raises:
        ArtifactError: The parameters are not sound, or have no canary.
        SettingError: The file's model takes no such realism.
    """
    if not parameters:
        return TileCodec(WITHOUT_PARAMETERS)
    model = load_artifact(parameters)
    check_canary(model)
    return TileCodec(model, realism=realism)


def reader_realism(parameters: bytes, realism: float | None = None) -> float | None:
    """Return the realism at which a reader decodes a file; None for the one that it states.

    Args:
        parameters: The file's codec parameters.
        realism: What the caller says. `PATHAE_REALISM` is taken where that is nothing and the
            file's model takes realism; it is for all files, of whatever models.

    Raises:
        SettingError: The caller's is no eighth from 0 to 1, or the model takes none; the
            environment's is no eighth.
        ArtifactError: The parameters are not sound.
    """
    stated = os.environ.get(VARIABLE)
    if realism is None and not stated:
        return None
    model = codec_for(parameters).model
    if realism is not None:
        return chosen_steps(model, realism) / STEPS
    assert stated, "one of the two is there"
    parsed = _parse_realism(stated)
    return parsed if model.realism else None


def _parse_realism(stated: str) -> float:
    try:
        return eighths(float(stated)) / STEPS
    except (ValueError, SettingError):
        raise SettingError(
            f"{VARIABLE}: expected 0 to 1 in steps of an eighth (0.125), got {stated!r:.20}"
        ) from None


class _Job:
    """A tile that waits, and the future of its pixels."""

    def __init__(self, parameters: bytes, tile: bytes, realism: float | None) -> None:
        self.tile = tile
        # As all others call `codec_for`: to its cache, None that is left out is another None.
        self.codec = (parameters,) if realism is None else (parameters, realism)
        self.future: Future[Pixels] = Future()


class DecodeQueue:
    """A queue of tiles and the thread that decodes them in batches."""

    def __init__(self) -> None:
        self._jobs: deque[_Job] = deque()
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(
        self, parameters: bytes, tile: bytes, realism: float | None = None
    ) -> "Future[Pixels]":
        """Queue a tile; its future gets uint8 (H, W, C), or the error of this very tile.

        Of a closed queue the future is cancelled.
        """
        job = _Job(parameters, tile, realism)
        with self._ready:
            if self._closed:
                job.future.cancel()
                return job.future
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="pathae-decode", daemon=True
                )
                self._thread.start()
            self._ready.notify()
        return job.future

    def close(self) -> None:
        """Cancel what waits, and come back when the batch that runs is finished."""
        with self._ready:
            self._closed = True
            left = list(self._jobs)
            self._jobs.clear()
            self._ready.notify()
        for job in left:
            job.future.cancel()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._ready:
                while not self._jobs and not self._closed:
                    self._ready.wait()
                if self._closed:
                    return
                count = min(len(self._jobs), MAX_BATCH)
                jobs = [self._jobs.popleft() for _ in range(count)]
            waiting = [job for job in jobs if job.future.set_running_or_notify_cancel()]
            for codec in {job.codec for job in waiting}:
                _decode([job for job in waiting if job.codec == codec])


def _decode(jobs: Sequence[_Job]) -> None:
    try:
        codec = codec_for(*jobs[0].codec)
        pixels = codec.decode_tiles([job.tile for job in jobs])
    except Exception as error:
        if len(jobs) == 1:
            jobs[0].future.set_exception(error)
        else:
            # One bad tile must not fail its neighbours: find it by decoding each alone.
            for job in jobs:
                _decode([job])
        return
    for job, tile in zip(jobs, pixels, strict=True):
        job.future.set_result(tile)


_queue = DecodeQueue()


def decode_later(parameters: bytes, tile: bytes, realism: float | None = None) -> "Future[Pixels]":
    """Queue a tile in this process's worker; do not wait for it on an event loop's thread.

    Args:
        parameters: Of the tile's file.
        tile: Its bytes.
        realism: See `codec_for`.
    """
    return _queue.submit(parameters, tile, realism)


def read_later(parameters: bytes, tile: bytes) -> "Future[Pixels]":
    """Queue a tile for a reader that has no argument for realism; see `decode_later`."""
    return decode_later(parameters, tile, reader_realism(parameters))


@atexit.register
def _close_at_exit() -> None:
    """Let no thread come back from a network into an interpreter that is gone: it would abort."""
    _queue.close()


def _reset_after_fork() -> None:
    """A thread does not survive a fork: the child starts with none."""
    global _queue
    _queue = DecodeQueue()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_after_fork)
