"""The feature loss of fine-tuning, by the name of any extractor.

`none`; `efficientnet-lite1` (ImageNet, in the training extra; position by position, see `features`,
which few tiles a step are enough for); `uni` (Chen et al. 2024, which the
paper takes; its weights from the Hugging Face cache); `timm:NAME@FILE`, a model of the library timm
with the weights of a file; `MODULE:FUNCTION`, a Python function that gives a torch module.
"""

from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathae_codec.errors import BackendUnavailableError, ModelNotFoundError, SettingError
from pathae_codec.pretrained.folder import find_snapshot
from pathae_codec.training.features import FeatureDistance

NONE, DEFAULT, UNI = "none", "efficientnet-lite1", "uni"
_UNI_REPOSITORY, _UNI_FILE = "MahmoodLab/UNI", "pytorch_model.bin"
# As its card builds it.
_UNI_NETWORK = {
    "model_name": "vit_large_patch16_224",
    "init_values": 1e-5,
    "dynamic_img_size": True,
}
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class EmbeddingDistance(nn.Module):
    """The mean absolute difference of two pictures' embeddings, as the paper has it with UNI.

    Args:
        network: Takes float32 (N, 3, H, W), normalized, and gives (N, features).
        side: Of the pictures that it takes, in pixels; None for any.
        mean: Of each channel, of pixels from 0 to 1.
        deviation: Likewise.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        network: nn.Module,
        side: int | None = None,
        mean: tuple[float, ...] = _MEAN,
        deviation: tuple[float, ...] = _DEVIATION,
    ) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(requires_grad=False)
        self.side = side
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None])

    def forward(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1, with the source: (N,), 0 for equal pictures."""
        with torch.no_grad():
            wanted = self._embed(source)
        return (self._embed(decoded) - wanted).abs().flatten(1).mean(1)

    def _embed(self, x: Tensor) -> Tensor:
        x = ((x + 1) / 2 - self.mean) / self.deviation
        if self.side is not None and x.shape[-1] != self.side:
            size = (self.side, self.side)
            x = functional.interpolate(x, size, mode="bilinear", antialias=True)
        with torch.autocast(x.device.type, torch.bfloat16):
            embedding: Tensor = self.network(x)
        return embedding.float()


def choose_features(name: str) -> nn.Module | None:
    """Return the distance of (N, 3, H, W), -1 to 1, from such a source, as (N,); None for `none`.

    Raises:
        SettingError: No such name, or what it names gives no torch module.
        BackendUnavailableError: A library is missing.
        ModelNotFoundError: Weights are missing.
    """
    if name == NONE:
        return None
    if name == DEFAULT:
        return FeatureDistance()
    if name == UNI:
        weights = find_snapshot(_UNI_REPOSITORY) / _UNI_FILE
        return _timm_distance(weights, **_UNI_NETWORK)
    kind, _, rest = name.partition(":")
    if kind == "timm" and rest:
        network, _, file = rest.partition("@")
        return _timm_distance(Path(file) if file else None, model_name=network)
    if kind and rest:
        return EmbeddingDistance(_import_network(kind, rest))
    raise SettingError(
        f"features: expected {NONE}, {DEFAULT}, {UNI}, timm:NAME@FILE or MODULE:FUNCTION, "
        f"got {name!r:.80}"
    )


def _timm_distance(weights: Path | None, **network: object) -> EmbeddingDistance:
    try:
        import timm
        from timm.data import resolve_data_config
    except ImportError as error:
        raise BackendUnavailableError(
            "features: expected the library timm, found none; pip install timm"
        ) from error
    if weights is None:
        raise SettingError(
            f"features timm:{network['model_name']}: expected its weights as well, such as "
            f"timm:{network['model_name']}@model.safetensors; nothing is downloaded"
        )
    if not weights.is_file():
        raise ModelNotFoundError(f"features {weights}: no such file")
    try:
        built = timm.create_model(num_classes=0, checkpoint_path=str(weights), **network)
    except (RuntimeError, ValueError, KeyError) as error:
        line = str(error).strip().splitlines()[0]
        raise SettingError(f"features {network['model_name']}: {line:.200}") from None
    data = resolve_data_config({}, model=built)
    return EmbeddingDistance(built, data["input_size"][-1], data["mean"], data["std"])


def _import_network(module: str, function: str) -> nn.Module:
    try:
        network = getattr(import_module(module), function)()
    except (ImportError, AttributeError) as error:
        raise SettingError(f"features {module}:{function}: {error}") from None
    if not isinstance(network, nn.Module):
        raise SettingError(
            f"features {module}:{function}: expected a torch module, got {type(network).__name__}"
        )
    return network
