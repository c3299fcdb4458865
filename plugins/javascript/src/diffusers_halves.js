import { artifactError } from "./errors.js";

/**
 * Halves of autoencoders of the library diffusers: they are checked as the specification says, and
 * not run here. Model artifact, section 3.2.
 */

const KL =
  "in_channels out_channels latent_channels down_block_types up_block_types block_out_channels " +
  "layers_per_block act_fn norm_num_groups use_quant_conv use_post_quant_conv " +
  "mid_block_add_attention";
const DC =
  "in_channels latent_channels attention_head_dim encoder_block_types decoder_block_types " +
  "encoder_block_out_channels decoder_block_out_channels encoder_layers_per_block " +
  "decoder_layers_per_block encoder_qkv_multiscales decoder_qkv_multiscales upsample_block_type " +
  "downsample_block_type decoder_norm_types decoder_act_fns encoder_out_shortcut " +
  "decoder_in_shortcut decoder_conv_act_fn";
const TINY =
  "in_channels out_channels latent_channels encoder_block_out_channels " +
  "decoder_block_out_channels num_encoder_blocks num_decoder_blocks act_fn upsample_fn " +
  "upsampling_scaling_factor";
/** @type {Record<string, string[]>} */
const KEYS = {
  AutoencoderKL: KL.split(" "),
  AutoencoderDC: DC.split(" "),
  AutoencoderTiny: TINY.split(" "),
};
const WORDS = new Set(
  (
    "DownEncoderBlock2D UpDecoderBlock2D ResBlock EfficientViTBlock silu swish relu relu6 gelu mish " +
    "rms_norm batch_norm pixel_shuffle pixel_unshuffle interpolate conv Conv nearest"
  ).split(" "),
);
const MOST_NUMBER = 4096;
const MOST_LIST = 16;
const MOST_REPEATS = 64;

/**
 * Check a layer `diffusers_encoder` or `diffusers_decoder`.
 *
 * @param {{op: string, network?: any, config?: any}} layer
 * @throws {PathAEError} invalid_artifact.
 */
export function checkHalf(layer) {
  const keys = Object.hasOwn(KEYS, layer.network) ? KEYS[layer.network] : null;
  if (!keys) throw artifactError("diffusers network: expected a known one");
  const config = layer.config;
  const found = config && typeof config === "object" ? Object.keys(config).sort() : [];
  if (Array.isArray(config) || found.join() !== [...keys].sort().join()) {
    throw artifactError(`diffusers config of ${layer.network}: expected the keys ${keys}`);
  }
  for (const [key, value] of Object.entries(config)) checkValue(key, value, 0);
  for (const key of ["in_channels", "out_channels"]) {
    if ((config[key] ?? 3) !== 3) throw artifactError(`diffusers config ${key}: expected 3`);
  }
  if (!Number.isInteger(config.latent_channels) || config.latent_channels < 1) {
    throw artifactError("diffusers config latent_channels: expected a number above 0");
  }
  halfFactor(layer);
}

/** @param {string} key @param {unknown} value @param {number} depth */
function checkValue(key, value, depth) {
  if (Array.isArray(value)) {
    if (depth > 1 || value.length > MOST_LIST) {
      throw artifactError(`diffusers config ${key}: expected at most ${MOST_LIST} values`);
    }
    value.forEach((inner) => checkValue(key, inner, depth + 1));
    return;
  }
  const repeats = /^((en|de)coder_)?layers_per_block$|^num_(en|de)coder_blocks$/.test(key);
  const most = repeats ? MOST_REPEATS : MOST_NUMBER;
  const number = Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;
  const word = typeof value === "string" && WORDS.has(value);
  if (!number && !word && typeof value !== "boolean") {
    throw artifactError(`diffusers config ${key}: expected a known word, true, false or 0 to ${most}`);
  }
}

/** @param {any} layer Pixels per latent position, per side. @returns {number} */
export function halfFactor(layer) {
  const encoder = layer.op === "diffusers_encoder";
  const own = encoder ? "encoder_block_out_channels" : "decoder_block_out_channels";
  const blocks = layer.config[layer.network === "AutoencoderKL" ? "block_out_channels" : own];
  if (!Array.isArray(blocks) || !blocks.length) {
    throw artifactError("diffusers config: expected a list of channels of blocks");
  }
  const step = encoder ? 2 : (layer.config.upsampling_scaling_factor ?? 2);
  if (!Number.isInteger(step) || step < 1 || step > MOST_REPEATS) {
    throw artifactError("diffusers config upsampling_scaling_factor: expected 1 to 64");
  }
  return step ** (blocks.length - 1);
}

/** @param {any} layer */
export const isTileGlobalHalf = (layer) =>
  layer.op.startsWith("diffusers_") && layer.network !== "AutoencoderTiny";
