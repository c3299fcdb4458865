"""Taking a model away from this machine, which files may still name."""

from dataclasses import dataclass
from pathlib import Path

from pathae_codec.errors import DestinationWriteError, ModelNotFoundError, SettingError
from pathae_codec.model.library import (
    SHIPPED,
    forget_models,
    load_model_file,
    model_paths,
    models_of_decoder,
    not_found,
)


@dataclass(frozen=True)
class RemovedModel:
    """A model that is gone; `left` has its decoder, or is None where no model on this machine has.

    Files without an embedded decoder need one.
    """

    name: str
    decoder_id: str
    path: Path
    left: Path | None


def remove_model(model: str) -> RemovedModel:
    """Remove the file of one model from the folders that models are found in.

    Args:
        model: Name, identity, or the path of a file in one of these folders.

    Raises:
        ModelNotFoundError: There is none.
        SettingError: It is shipped with the package, or several have the name.
        DestinationWriteError: It cannot be removed.
    """
    found = {path.resolve(): load_model_file(path) for path in model_paths()}
    paths = [
        path
        for path, one in found.items()
        if model in (one.name, one.decoder_id, one.encoder_id) or path == Path(model).resolve()
    ]
    own = [path for path in paths if path.parent != SHIPPED.resolve()]
    if not paths:
        raise not_found(model)
    if not own:
        raise SettingError(f"model {model}: is shipped with pathae, and goes when that does")
    if len(own) > 1:
        raise SettingError(
            f"model {model}: expected one, found {', '.join(map(str, own))}; name one by its path"
        )
    removed = found[own[0]]
    try:
        own[0].unlink()
    except FileNotFoundError:
        raise ModelNotFoundError(f"model {own[0]}: no such file") from None
    except OSError as error:
        raise DestinationWriteError(f"model {own[0]}: {error.strerror}") from error
    forget_models()
    left = models_of_decoder(removed.decoder_id)
    return RemovedModel(removed.name, removed.decoder_id, own[0], left[0].path if left else None)
