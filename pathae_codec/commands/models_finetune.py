"""`pathae models finetune`."""

import argparse
from pathlib import Path

from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import say

_EXAMPLES = """\
examples:
  pathae models finetune my-vae tiles
  pathae models finetune my-vae --stored slide.tif slide.svs --features none --steps 500
"""


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to `pathae models`."""
    parser = actions.add_parser(
        "finetune",
        help="train another decoder for the same latents (needs pathae[training])",
        description="Train the decoder of a model on tiles; encoder and codebooks stay, so that "
        "files that are there already can be read with it. A decoder with two faces learns at its "
        "default realism, and both move with it. The same command goes on where it was stopped.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", help="name, identity or path of a model with codebooks")
    add("tiles", type=Path, nargs="?", help="a folder of images")
    add(
        "--stored",
        type=Path,
        nargs=2,
        action="append",
        metavar=("FILE", "SLIDE"),
        help="instead of tiles: a PathAE file and the slide that it was made from; repeatable",
    )
    add("--name", help="of the new model (default: the model's, and -finetuned)")
    add("--steps", type=int, default=2000, metavar="N", help="in all (default 2000)")
    add("--batch", type=int, default=8, metavar="N", help="tiles a step (default 8)")
    add("--side", type=int, default=256, metavar="PIXELS", help="of crops (default 256)")
    add("--learning-rate", type=float, default=2e-5, metavar="RATE", help="(default 2e-5)")
    add("--warm-up", type=int, default=100, metavar="N", help="steps (default 100)")
    add(
        "--features",
        default="efficientnet-lite1",
        metavar="NAME",
        help="of the feature loss: efficientnet-lite1 (default), uni, timm:NAME@FILE, "
        "MODULE:FUNCTION (gives a torch module), none",
    )
    add(
        "--feature-weight",
        type=float,
        default=0.05,
        metavar="W",
        help="(default 0.05; the paper has 1, with UNI and 96 tiles a step)",
    )
    add("--gan-weight", type=float, default=0.5, metavar="W", help="(default 0.5; 0: none)")
    add(
        "--quality",
        type=int,
        action="append",
        metavar="N",
        help="rungs that crops are quantized at; repeatable (default all)",
    )
    add("--averaging", type=float, default=0.999, metavar="SHARE", help="(default 0.999)")
    add("--seed", type=int, default=0, metavar="N", help="(default 0)")
    add("--checkpoint", type=Path, help="where to stop and go on (default: by the new model)")
    add("--overwrite", action="store_true", help="replace a model of that name")
    parser.set_defaults(command=_finetune, left="the same command goes on from the last checkpoint")


def _finetune(options: argparse.Namespace) -> None:
    from pathae_codec.training.decoder_loop import DecoderSettings
    from pathae_codec.training.finetune import FinetuneData, finetune_model_file
    from pathae_codec.training.pairs import StoredSlidePair

    settings = DecoderSettings(
        batch=options.batch,
        side=options.side,
        learning_rate=options.learning_rate,
        warm_up=options.warm_up,
        gan_weight=options.gan_weight,
        feature_weight=options.feature_weight,
        features=options.features,
        averaging=options.averaging,
        seed=options.seed,
        qualities=tuple(sorted(options.quality or ())),
    )
    stored = tuple(StoredSlidePair(file, slide) for file, slide in options.stored or ())
    last = ""
    with progress_bar("finetune", "step") as show:

        def progress(done: int, total: int, figures: str) -> None:
            nonlocal last
            last = figures
            show(done, total, figures)

        path, model = finetune_model_file(
            options.model,
            FinetuneData(options.tiles, stored),
            settings,
            options.steps,
            progress,
            name=options.name,
            checkpoint=options.checkpoint,
            overwrite=options.overwrite,
        )
    say(
        f"{model.name}: {last or 'an earlier run had done all steps'}\n{path}\n"
        f"encoder {model.encoder_id}\ndecoder {model.decoder_id}\n"
        f'next: pathae_codec.open(FILE, decoder="{model.name}")'
    )
