"""What makes the inputs: atheris by coverage, or mutation of the seeds alone."""

import gc
import math
import random
import sys
import time
from hashlib import sha256
from pathlib import Path

from tests.fuzz.outcome import Outcome
from tests.fuzz.targets import TARGETS

KEPT = 400
"""Inputs that mutation goes on from, beside the seeds: the last that gave a result."""


def run_mutation(
    name: str, inputs: int, seed: int, crashers: Path, seconds: float = math.inf
) -> Outcome:
    """Change seeds, and what was made of them and still gave a result, up to `seconds`."""
    stop = time.monotonic() + seconds
    target, chance, outcome = (
        TARGETS[name],
        random.Random(f"{seed} {name}"),
        Outcome(name, "mutation"),
    )
    seeds = target.seeds()
    kept: list[bytes] = []
    for number in range(inputs):
        if time.monotonic() > stop:
            break
        if number < len(seeds):
            data = seeds[number]
        else:
            pool = kept if kept and chance.random() < 0.3 else seeds
            data = target.mutate(chance.choice(pool), chance)
        if outcome.take(target.run, data, crashers) == "result" and number >= len(seeds):
            kept.append(data)
            del kept[:-KEPT]
        if number % 1000 == 0:
            gc.collect()
    return outcome


def run_atheris(name: str, inputs: int, seed: int, crashers: Path, result: Path) -> None:
    """Let libFuzzer change the seeds by the coverage that they reach; ends the process.

    Half of the changes are ours: coverage finds no CRC, and no JSON in base64 in JSON.
    """
    import atheris

    target, outcome = TARGETS[name], Outcome(name, "atheris")
    seeds = target.seeds()
    corpus = crashers.parent / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in seeds:
        (corpus / sha256(data).hexdigest()).write_bytes(data)

    def test_one_input(data: bytes) -> None:
        outcome.take(target.run, data, crashers)
        if outcome.inputs % 1000 == 0 or outcome.inputs >= inputs:
            outcome.save(result)

    def mutate(data: bytes, most: int, number: int) -> bytes:
        chance = random.Random(number)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return target.mutate(data, chance)[:most]

    most = 2 * max(map(len, seeds))
    options = [f"-atheris_runs={inputs}", f"-seed={seed}", f"-max_len={most}", "-timeout=60",
               "-rss_limit_mb=0", "-verbosity=0", "-print_final_stats=0"]  # fmt: skip
    atheris.Setup([sys.argv[0], str(corpus), *options], test_one_input, custom_mutator=mutate)
    atheris.Fuzz()
