"""The command line: `pathae convert | info | models`.

Every error of this package ends as one line on standard error and exit code 2.
"""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pathae_codec.errors import PathAEError

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    # tifffile logs what it then also raises; a user is told once.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        command(options)
    except PathAEError as error:
        print(f"pathae: error: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("pathae: interrupted; nothing was left behind", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pathae", description="Whole-slide images as autoencoder latents in TIFF and OME-Zarr."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_convert(commands.add_parser("convert", help="convert a slide"))
    info = commands.add_parser("info", help="say what a PathAE file holds and needs")
    info.add_argument("file", type=Path)
    info.add_argument("--json", action="store_true", help="print the record as JSON")
    info.set_defaults(command=_info)
    models = commands.add_parser("models", help="list or train models")
    _add_models(models.add_subparsers(required=True, metavar="ACTION"))
    return parser


def _add_convert(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("source", type=Path, metavar="SRC", help="a slide: SVS, DICOM, OME-TIFF, tiled TIFF, ...")
    add("destination", type=Path, metavar="DST", help=".ome.zarr, .zarr, .tif or .tiff")
    add("--quality", type=int, default=50, metavar="N", help="0 to 100 (default 50)")
    add("--model", default="he-f8c32", help="name, identity or path of a model")
    add("--tile", type=int, default=512, metavar="SIDE", help="pixels (default 512)")
    add("--min-psnr", type=float, metavar="DB", help="least PSNR of every tile; else JPEG XL")
    add("--keep", default="", metavar="LIST", help="label,macro: they can identify a patient")
    add("--embed-model", action="store_true", help="store the decoder in the file")
    add("--ngff", default="0.5", choices=("0.5", "0.4"), help="OME-Zarr version (default 0.5)")
    add("--overwrite", action="store_true", help="replace an existing destination")
    add("--workers", type=int, default=0, metavar="N", help="threads of the network (default all)")
    parser.set_defaults(command=_convert)


def _convert(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from pathae_codec.convert import ConvertSettings, convert_slide

    settings = ConvertSettings(
        quality=options.quality,
        model=options.model,
        tile=options.tile,
        min_psnr=options.min_psnr,
        keep=frozenset(filter(None, options.keep.split(","))),
        embed_model=options.embed_model,
        ngff=options.ngff,
        overwrite=options.overwrite,
        threads=options.workers,
    )
    # None: tqdm stays quiet where standard error is no terminal.
    with tqdm(unit="tile", disable=None, desc=options.source.name) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        summary = convert_slide(options.source, options.destination, settings, progress)
    for notice in summary.notices:
        print(f"pathae: warning: {options.source.name}: {notice}", file=sys.stderr)
    ratio = summary.source_bytes / summary.destination_bytes
    print(
        f"{options.destination}: {_count(len(summary.levels), 'level')}, "
        f"{_count(summary.tiles, 'tile')}, quality {summary.quality}, "
        f"{_megabytes(summary.source_bytes)} -> {_megabytes(summary.destination_bytes)} "
        f"({ratio:.2f} times smaller than the source file), "
        f"{summary.seconds:.1f} s"
    )


def _info(options: argparse.Namespace) -> None:
    from pathae_codec.info import describe_file, read_file_record

    record = read_file_record(options.file)
    print(json.dumps(record, indent=2) if options.json else describe_file(options.file, record))


def _add_models(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    actions.add_parser("list", help="list the models on this machine").set_defaults(
        command=_list_models
    )
    train = actions.add_parser("train", help="train a model (needs pathae[torch])")
    train.add_argument("config", type=Path, help="a TOML file such as he-f8c32.toml")
    train.add_argument("tiles", type=Path, help="the folder that the config's folders are in")
    train.add_argument("artifact", type=Path, help="the .safetensors to write")
    train.add_argument("--checkpoint", type=Path, help="where to stop and go on")
    train.set_defaults(command=_train)


def _list_models(options: argparse.Namespace) -> None:
    from pathae_codec.model.library import load_model_file, model_paths

    del options
    for path in model_paths():
        model = load_model_file(path)
        kinds = "encoder and decoder" if model.analysis else "decoder"
        print(f"{model.name}  {kinds}  {model.decoder_id}  {path}")


def _train(options: argparse.Namespace) -> None:
    from pathae_codec.training.command import train_model

    checkpoint = options.checkpoint or options.artifact.with_suffix(".checkpoint")
    train_model(options.config, options.tiles, options.artifact, checkpoint)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.2f} MB"


if __name__ == "__main__":
    sys.exit(main())
