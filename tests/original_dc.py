"""Names and shapes of the original DC-AE checkpoints, from how their authors build the network.

Source: mit-han-lab/efficientvit, `efficientvit/models/efficientvit/dc_ae.py` and `nn/ops.py`. None
of its code is here: stages of blocks under `stages.N.op_list.M`, residual blocks under `main`,
shortcuts without weights.
"""

from dataclasses import dataclass, field

Shapes = dict[str, tuple[int, ...]]
WIDTHS = (128, 256, 512, 512, 1024, 1024, 2048)
HEAD, SCALE, GLU = 32, 5, 4


@dataclass(frozen=True)
class OriginalDC:
    """What the authors' configs say of one network.

    Attributes:
        latents: Channels of the latent.
        encoder, decoder: Blocks a stage; a first stage of none makes the way in a downsampling.
        sana: All norms RMS, with a scale in the attention, `Conv` and `InterpolateConv`.
    """

    latents: int
    encoder: tuple[int, ...]
    decoder: tuple[int, ...]
    sana: bool = False
    widths: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", WIDTHS[: len(self.encoder)])


def conv(name: str, inputs: int, outputs: int, kernel: int, *, bias: bool) -> Shapes:
    weight: Shapes = {f"{name}.conv.weight": (outputs, inputs, kernel, kernel)}
    return weight | ({f"{name}.conv.bias": (outputs,)} if bias else {})


def norm(name: str, channels: int, *, batch: bool) -> Shapes:
    kept = ("running_mean", "running_var") if batch else ()
    return {f"{name}.{kind}": (channels,) for kind in ("weight", "bias", *kept)}


def residual_block(name: str, width: int, *, batch: bool) -> Shapes:
    return (
        conv(f"{name}.main.conv1", width, width, 3, bias=True)
        | conv(f"{name}.main.conv2", width, width, 3, bias=False)
        | norm(f"{name}.main.conv2.norm", width, batch=batch)
    )


def attention_block(name: str, width: int, *, scaled: bool) -> Shapes:
    context, local = f"{name}.context_module.main", f"{name}.local_module.main"
    shapes = conv(f"{context}.qkv", width, 3 * width, 1, bias=False)
    if scaled:
        shapes[f"{context}.aggreg.0.0.weight"] = (3 * width, 1, SCALE, SCALE)
        shapes[f"{context}.aggreg.0.1.weight"] = (3 * width, HEAD, 1, 1)
    inner = GLU * width
    return (
        shapes
        | conv(f"{context}.proj", width * (2 if scaled else 1), width, 1, bias=False)
        | norm(f"{context}.proj.norm", width, batch=False)
        | conv(f"{local}.inverted_conv", width, 2 * inner, 1, bias=True)
        | conv(f"{local}.depth_conv", 1, 2 * inner, 3, bias=True)
        | conv(f"{local}.point_conv", inner, width, 1, bias=False)
        | norm(f"{local}.point_conv.norm", width, batch=False)
    )


def stage(name: str, width: int, blocks: range, network: OriginalDC, *, attends: bool) -> Shapes:
    """Return the blocks of a stage; in the decoder those without attention have batch norms."""
    batch = not network.sana and name.startswith("decoder")
    shapes: Shapes = {}
    for block in blocks:
        place = f"{name}.op_list.{block}"
        shapes |= (
            attention_block(place, width, scaled=network.sana)
            if attends
            else residual_block(place, width, batch=batch)
        )
    return shapes


def original_shapes(network: OriginalDC) -> Shapes:
    """Return name -> shape of every float tensor of a checkpoint."""
    return _encoder(network) | _decoder(network)


def _encoder(network: OriginalDC) -> Shapes:
    widths, last = network.widths, len(network.widths) - 1
    if network.encoder[0]:
        shapes = conv("encoder.project_in", 3, widths[0], 3, bias=True)
    else:
        shapes = conv("encoder.project_in.conv", 3, widths[1] // 4, 3, bias=True)
    for index, (width, depth) in enumerate(zip(widths, network.encoder, strict=True)):
        name = f"encoder.stages.{index}"
        shapes |= stage(name, width, range(depth), network, attends=index >= 3)
        if index < last and depth:
            place, wider = f"{name}.op_list.{depth}.main", widths[index + 1]
            shapes |= (
                conv(place, width, wider, 3, bias=True)
                if network.sana
                else conv(f"{place}.conv", width, wider // 4, 3, bias=True)
            )
    return shapes | conv(
        "encoder.project_out.main.op_list.0", widths[-1], network.latents, 3, bias=True
    )


def _decoder(network: OriginalDC) -> Shapes:
    widths, last = network.widths, len(network.widths) - 1
    shapes = conv("decoder.project_in.main", network.latents, widths[-1], 3, bias=True)
    for index, (width, depth) in enumerate(zip(widths, network.decoder, strict=True)):
        name = f"decoder.stages.{index}"
        rises = int(index < last and depth > 0)
        if rises:
            many = width if network.sana else 4 * width
            place = f"{name}.op_list.0.main.conv"
            shapes |= conv(place, widths[index + 1], many, 3, bias=True)
        blocks = range(rises, rises + depth)
        shapes |= stage(name, width, blocks, network, attends=index >= 3)
    # The way out always has an RMS norm.
    if network.decoder[0]:
        out = conv("decoder.project_out.op_list.2", widths[0], 3, 3, bias=True)
        return shapes | norm("decoder.project_out.op_list.0", widths[0], batch=False) | out
    out = conv("decoder.project_out.op_list.2.conv", widths[1], 12, 3, bias=True)
    return shapes | norm("decoder.project_out.op_list.0", widths[1], batch=False) | out


ORIGINALS = {
    "f32c32": OriginalDC(32, (0, 4, 8, 2, 2, 2), (0, 5, 10, 2, 2, 2)),
    "f32c32-sana": OriginalDC(32, (2, 2, 2, 3, 3, 3), (3,) * 6, sana=True),
    "f64c128": OriginalDC(128, (0, 4, 8, 2, 2, 2, 2), (0, 5, 10, 2, 2, 2, 2)),
}
