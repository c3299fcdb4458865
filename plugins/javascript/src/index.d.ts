/** PathAE in JavaScript: decoding of tiles, artifacts and slides. */

/** Every error, with a stable reason such as `checksum_mismatch` or `model_not_found`. */
export class PathAEError extends Error {
  constructor(reason: string, message: string);
  reason: string;
}

export interface TileHeader {
  mode: "constant" | "latent" | "fallback" | "exact";
  height: number;
  width: number;
  channels: number;
  quality: number;
  tableSet: number;
  coding: number;
  payloadLength: number;
}
export interface Tile {
  header: TileHeader;
  payload: Uint8Array;
}
export function parseHeader(bytes: Uint8Array): TileHeader;
export function unpackTile(bytes: Uint8Array): Tile;

/** Codec parameters of a file, or a model; its fields are read only. */
export interface Artifact {
  readonly name: string;
  readonly factor: number;
  readonly latentChannels: number;
  readonly decoderId: string;
  readonly realism: { default: number; noiseChannels: number } | null;
  readonly bottlenecks: Map<number, unknown>;
  readonly synthesis: Transform | null;
}
/** A network: its layers and weights. */
export interface Transform {
  readonly layers: { op: string }[];
}
export function loadArtifact(bytes: Uint8Array, mostBytes?: number): Artifact;
/** The same of a container, refused without a canary. */
export function loadParameters(bytes: Uint8Array): Artifact;
export function parseConfiguration(configuration: unknown): Promise<{ parameters: Uint8Array }>;

/** Finds the decoder that codec parameters name and do not embed. */
export type FindDecoder = (identity: string, name: string) => Promise<Transform | null>;
/** Decoders in a folder, by default this package's own. */
export function decodersIn(folder?: string | URL): FindDecoder;

export interface Pixels {
  height: number;
  width: number;
  channels: number;
  /** Row by row, the channels of a pixel together. */
  data: Uint8Array;
}
/** What runs a network in place of the kernel: `onnxruntime` of `pathae/onnxruntime` makes one. */
export type LoadEngine = (layers: { op: string }[], weights: Map<string, Float32Array>) => Promise<unknown>;
export class TileDecoder {
  constructor(artifact: Artifact, findDecoder?: FindDecoder, loadEngine?: LoadEngine);
  /** @param realism 0 (faithful) to 1 (natural) in eighths; null for the file's default. */
  decode(bytes: Uint8Array, realism?: number | null): Promise<Pixels>;
  /** Load the decoder and prove it, before a tile asks for it. */
  prepare(realism?: number | null): Promise<void>;
  /** Exact everywhere: (latent channels, rows * columns). */
  decodeSymbols(tile: Tile): Uint16Array;
}

export interface Decoded {
  width: number;
  height: number;
  bitmap: ImageBitmap | null;
  rgba: Uint8ClampedArray | null;
  ms: number;
}
export interface Wish {
  realism?: number | null;
  form?: "bitmap" | "rgba";
  crop?: { width: number; height: number };
  rank?: () => number;
  signal?: AbortSignal;
}
/** Decoding in workers, for browsers. */
export class DecoderPool {
  constructor(options?: { size?: number; decoders?: string });
  /** Hire all workers now, so that they are ready when the first tile comes. */
  start(): void;
  /** Returns the number of the slide, which `decode` takes. */
  add(parameters: Uint8Array): number;
  decode(slide: number, bytes: Uint8Array, wish?: Wish): Promise<Decoded>;
  close(): void;
}

export interface Level {
  width: number;
  height: number;
  rows: number;
  columns: number;
  downsample: number;
}
export interface Slide {
  kind: "tiff" | "zarr3" | "zarr2";
  levels: Level[];
  tile: number;
  record: any;
  parameters: Uint8Array;
  traffic: { requests: number; bytes: number };
  ledger(): Promise<Ledger | null>;
  tileBytes(level: number, row: number, column: number, signal?: AbortSignal): Promise<Uint8Array | null>;
}
/** What is known of each tile beside its bytes. */
export interface Ledger {
  entry(level: number, row: number, column: number): { omitted: boolean; glass: boolean; psnr: number | null };
  worst(count: number): { level: number; row: number; column: number; psnr: number }[];
}
/** Open a TIFF or the folder of an OME-Zarr by its URL. */
export function openSlide(url: string): Promise<Slide>;
