"""`pathae models list | add | remove | fit-codebook | finetune | train`."""

import argparse
from pathlib import Path

from pathae_codec.commands import models_add, models_finetune, models_fit_codebook
from pathae_codec.commands.wording import say, say_error


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its actions to the command line."""
    parser = commands.add_parser("models", help="list, add, remove, fit, fine-tune or train models")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list",
        help="list the models on this machine",
        epilog="example: pathae models list | grep taef2",
    )
    listing.set_defaults(command=_list_models)
    models_add.add_action(actions)
    remove = actions.add_parser(
        "remove",
        help="remove a model that was added, fitted or trained",
        epilog="example: pathae models remove my-vae",
    )
    remove.add_argument("model", help="name, identity, or path as pathae models list shows it")
    remove.set_defaults(command=_remove)
    models_fit_codebook.add_action(actions)
    models_finetune.add_action(actions)
    train = actions.add_parser(
        "train",
        help="train a model (needs pathae[torch])",
        epilog="example: pathae models train recipe.toml tiles my-model.safetensors",
    )
    train.add_argument("config", type=Path, help="a TOML file such as recipe.toml")
    train.add_argument("tiles", type=Path, help="what the config's folders are in, or a pack of it")
    train.add_argument("artifact", type=Path, help="the .safetensors to write")
    train.add_argument("--checkpoint", type=Path, help="where to stop and go on")
    train.add_argument(
        "--processes", type=int, default=0, metavar="N", help="draw crops ahead, for a GPU"
    )
    train.add_argument(
        "--minutes", type=float, metavar="M", help="as many steps as fit, in place of the config's"
    )
    train.set_defaults(command=_train, left="the same command goes on from the last checkpoint")


def _list_models(options: argparse.Namespace) -> None:
    from pathae_codec.errors import PathAEError
    from pathae_codec.model.library import load_model_file, model_paths
    from pathae_codec.model.realism import STEPS

    del options
    for path in model_paths():
        try:
            model = load_model_file(path)
        except PathAEError as error:
            # One of them keeps nobody from the others.
            say_error(f"pathae: warning: model {path}: cannot be used: {error}")
            continue
        kinds = "encoder and decoder" if model.analysis else "decoder"
        if model.realism is not None:
            kinds += f", realism {model.realism.default / STEPS:g}"
        say(f"{model.name}  {kinds}  {model.decoder_id}  {path}")


def _remove(options: argparse.Namespace) -> None:
    from pathae_codec.model.removal import remove_model

    removed = remove_model(options.model)
    say(f"removed {removed.name}  {removed.decoder_id}  {removed.path}")
    if removed.left is None:
        say_error(
            f"pathae: warning: files that name decoder {removed.decoder_id} and do not embed it "
            "can no longer be decoded on this machine"
        )


def _train(options: argparse.Namespace) -> None:
    from pathae_codec.training.command import TrainingMachine, train_model

    checkpoint = options.checkpoint or options.artifact.with_suffix(".checkpoint")
    machine = TrainingMachine(options.processes, options.minutes)
    train_model(options.config, options.tiles, options.artifact, checkpoint, machine)
