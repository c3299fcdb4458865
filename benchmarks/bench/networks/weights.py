"""Which network it is: by its weights, since training gives others on another machine."""

from hashlib import sha256

from torch import nn


def weights_digest(network: nn.Module) -> str:
    """Return a short digest of all weights and running means, with their names."""
    digest = sha256()
    for name, values in sorted(network.state_dict().items()):
        digest.update(f"{name} {tuple(values.shape)} ".encode())
        digest.update(values.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
