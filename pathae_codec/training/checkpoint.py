"""A run on disk: enough to go on as if it had not stopped, on whatever device."""

from pathlib import Path
from typing import Any

import torch

from pathae_codec.training.decoder_steps import DecoderAlone
from pathae_codec.training.loop import TrainingState


def save_checkpoint(path: Path, state: TrainingState, steps: int, **decoders: DecoderAlone) -> None:
    """Write the state beside `path`, then rename, so that a kill leaves the last one whole.

    Args:
        path: Of the checkpoint.
        state: Of the steps of all networks.
        steps: How many of these the run has.
        decoders: Of the decoder's own steps, by name: `decoder`, and `natural` where it has begun.
    """
    record = {
        "model": state.model.state_dict(),
        "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "random": state.random.bit_generator.state,
        "torch_random": torch.get_rng_state(),
        "step": state.step,
        "steps": steps,
        "usual_norm": state.usual_norm,
    }
    for name, decoder in decoders.items():
        record[name] = {
            "synthesis": decoder.synthesis.state_dict(),
            "optimizer": decoder.optimizer.state_dict(),
            "random": decoder.random.bit_generator.state,
            "step": decoder.step,
        }
    partial = path.with_suffix(".partial")
    torch.save(record, partial)
    partial.replace(path)


def checkpoint_steps(path: Path) -> int:
    """Return how many steps of all networks the run of a checkpoint has, or 0 if it is not said."""
    return int(_read(path).get("steps", 0))


def load_checkpoint(path: Path, state: TrainingState) -> None:
    """Bring the state of all networks to where the checkpoint was written."""
    record = _read(path)
    state.model.load_state_dict(record["model"])
    state.average.load_state_dict(record["average"])
    state.optimizer.load_state_dict(record["optimizer"])
    state.random.bit_generator.state = record["random"]
    torch.set_rng_state(record["torch_random"])
    state.step, state.usual_norm = record["step"], record["usual_norm"]


def load_decoder(path: Path, decoder: DecoderAlone, name: str = "decoder") -> None:
    """Bring the decoder's own steps to where the checkpoint was written, if they had begun."""
    record = _read(path).get(name)
    if record is None:
        return
    decoder.synthesis.load_state_dict(record["synthesis"])
    decoder.optimizer.load_state_dict(record["optimizer"])
    decoder.random.bit_generator.state = record["random"]
    decoder.step = record["step"]


def _read(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return record
