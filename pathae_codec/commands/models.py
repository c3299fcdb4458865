"""`pathae models list | add | fit-codebook | finetune | train`."""

import argparse
from pathlib import Path

from pathae_codec.commands import models_add, models_finetune, models_fit_codebook
from pathae_codec.commands.wording import plain


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its actions to the command line."""
    parser = commands.add_parser("models", help="list, add, fit, fine-tune or train models")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list",
        help="list the models on this machine",
        epilog="example: pathae models list | grep taef2",
    )
    listing.set_defaults(command=_list_models)
    models_add.add_action(actions)
    models_fit_codebook.add_action(actions)
    models_finetune.add_action(actions)
    train = actions.add_parser(
        "train",
        help="train a model (needs pathae[torch])",
        epilog="example: pathae models train recipe.toml tiles my-model.safetensors",
    )
    train.add_argument("config", type=Path, help="a TOML file such as recipe.toml")
    train.add_argument("tiles", type=Path, help="the folder that the config's folders are in")
    train.add_argument("artifact", type=Path, help="the .safetensors to write")
    train.add_argument("--checkpoint", type=Path, help="where to stop and go on")
    train.set_defaults(command=_train, left="the same command goes on from the last checkpoint")


def _list_models(options: argparse.Namespace) -> None:
    from pathae_codec.model.library import load_model_file, model_paths
    from pathae_codec.model.realism import STEPS

    del options
    for path in model_paths():
        model = load_model_file(path)
        kinds = "encoder and decoder" if model.analysis else "decoder"
        if model.realism is not None:
            kinds += f", realism {model.realism.default / STEPS:g}"
        print(plain(f"{model.name}  {kinds}  {model.decoder_id}  {path}"))


def _train(options: argparse.Namespace) -> None:
    from pathae_codec.training.command import train_model

    checkpoint = options.checkpoint or options.artifact.with_suffix(".checkpoint")
    train_model(options.config, options.tiles, options.artifact, checkpoint)
