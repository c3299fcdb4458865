"""`pathae models fit-codebook`."""

import argparse
from pathlib import Path

from pathae_codec.commands.progress import progress_bar
from pathae_codec.commands.wording import say

_EXAMPLES = """\
examples:
  pathae models fit-codebook my-vae tiles
  pathae models fit-codebook my-vae tiles --levels 64 --scope channel --rate 1 --rate 2
"""


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to `pathae models`."""
    parser = actions.add_parser(
        "fit-codebook",
        help="fit codebooks to a model on tiles (needs pathae[torch])",
        description="Fit all codebooks of a model: a K-means one for --profile paper (equal bits "
        "for every latent) and entropy-coded ones for --quality. The model's file is replaced.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", help="name, identity or path of a model")
    add("tiles", type=Path, help="a folder of images")
    add("--levels", type=int, default=256, metavar="N", help="of the K-means (default 256)")
    add("--scope", default="global", choices=("global", "channel"), help="of the K-means")
    add(
        "--rate",
        type=float,
        action="append",
        metavar="BITS",
        help="bits a latent of an entropy-coded codebook; repeat it for more rungs",
    )
    add("--crops", type=int, default=384, metavar="N", help="tiles to fit on (default 384)")
    add("--side", type=int, default=256, metavar="PIXELS", help="of these tiles (default 256)")
    parser.set_defaults(command=_fit)


def _fit(options: argparse.Namespace) -> None:
    from pathae_codec.training.codebook import DEFAULT_RATES, CodebookSettings, fit_model_file

    settings = CodebookSettings(
        levels=options.levels,
        scope=options.scope,
        rates=tuple(options.rate or DEFAULT_RATES),
        crops=options.crops,
        side=options.side,
    )
    with progress_bar("fit-codebook", "step") as progress:
        path, rungs = fit_model_file(options.model, options.tiles, settings, progress)
    say(f"{path}: {len(rungs)} codebooks")
    for rung in rungs:
        say(
            f"  quality {rung.quality:3d}{' (paper)' if rung.profile else '':8s}  "
            f"{rung.bits:.2f} bits a latent, {rung.bpp:.2f} bits a pixel"
        )
