"""`pathae models add`."""

import argparse
from pathlib import Path
from typing import Any

from pathae_codec.commands.wording import say, say_error
from pathae_codec.errors import SettingError

_EXAMPLES = """\
examples:
  pathae models add ./vae --name my-vae
  pathae models add org/name@revision
  pathae models add --encoder taef2_encoder.pth --decoder taef2_decoder.pth --name taef2
"""


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to `pathae models`."""
    parser = actions.add_parser(
        "add",
        help="add a published autoencoder (needs pathae[torch])",
        description="Add an autoencoder of the library diffusers, from a folder or from the "
        "Hugging Face cache, or a sequential one (TAEF2) from its two files. Nothing is fetched.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "source",
        nargs="?",
        metavar="PATH_OR_HF_REPO",
        help="such as ./vae, org/name, org/name@revision",
    )
    add("--name", help="of the model (default: the last part of the source)")
    add("--encoder", type=Path, metavar="FILE", help="a sequential encoder's state dict")
    add("--decoder", type=Path, metavar="FILE", help="a sequential decoder's state dict")
    add("--license", metavar="TEXT", help="as its publisher states it")
    add("--url", help="where the model can be had, for those who miss it (default: the repository)")
    add("--overwrite", action="store_true", help="replace a model of that name")
    parser.set_defaults(command=_add)


def _add(options: argparse.Namespace) -> None:
    from pathae_codec.pretrained.add import Source, add_model

    pair = (options.encoder, options.decoder)
    if (options.source is None) == (None in pair) or any(pair) != all(pair):
        raise SettingError(
            "models add: expected either PATH_OR_HF_REPO or both --encoder and --decoder"
        )
    source = Source(options.source, *pair)
    added = add_model(
        source,
        options.name,
        license=options.license,
        url=options.url,
        overwrite=options.overwrite,
    )
    path, model = added.path, added.model
    if added.ignored:
        keys = ", ".join(added.ignored)
        say_error(
            f"pathae: warning: config.json: ignored, as diffusers does: {keys}",
        )
    say(
        f"{model.name}: {model.factor} x {model.factor} pixels to {model.latent_channels} "
        f"latent channels{_locality(model)}, {path.stat().st_size / 1e6:.2f} MB, {path}\n"
        f"encoder {model.encoder_id}\ndecoder {model.decoder_id}\n"
        f"next: pathae models fit-codebook {model.name} TILES"
    )


def _locality(model: Any) -> str:  # noqa: ANN401
    return ", tile-global" if model.tile_global else ""
