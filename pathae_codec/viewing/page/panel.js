/** What a slide says of itself, what decoding it took, and its worst tiles to jump to. */
import { poolFacts } from "./pane.js";

const thousands = (value) => value.toLocaleString("en");

export const megabytes = (bytes) =>
  bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function list(title, rows) {
  const kept = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (!kept.length) return [];
  const head = document.createElement("h2");
  head.textContent = title;
  const body = document.createElement("dl");
  for (const [name, value] of kept) {
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    detail.textContent = value;
    body.append(term, detail);
  }
  return [head, body];
}

/** @param {any} step Of the lossy history. */
const stepText = ({ method, quality }) => (quality ? `${method} ${quality}` : method);

function slideRows({ levels, mpp, magnification, record }) {
  const [{ width, height }] = levels;
  return [
    ["Pixels", `${thousands(width)} × ${thousands(height)}`],
    ["Levels", levels.length],
    ["Microns per pixel", mpp ? [...new Set(mpp)].join(" × ") : "not stated"],
    ["Objective", magnification ? `${magnification}×` : "not stated"],
    ["Size", mpp && `${((width * mpp[0]) / 1e3).toFixed(2)} × ${((height * mpp[1]) / 1e3).toFixed(2)} mm`],
    ["Lossy steps", record?.lossy_history?.map(stepText).join(", ")],
  ];
}

function codingRows({ record, tile, kind }) {
  if (!record) return [];
  const { model, quality, tiles } = record;
  const own = record.lossy_history?.findLast(({ method }) => method === "PathAE");
  return [
    ["Container", kind === "tiff" ? "TIFF" : kind && "OME-Zarr"],
    ["Model", model?.name],
    ["Quality", quality],
    ["Smaller than pixels by", own?.ratio && `${Math.round(own.ratio)}×`],
    ["Side of tiles", `${tile} px`],
    ["Every tile at least", tiles?.min_psnr && `${tiles.min_psnr} dB`],
    ...Object.entries(tiles?.modes ?? {})
      .filter(([, count]) => count)
      .map(([mode, count]) => [`Tiles, ${mode}`, thousands(count)]),
  ];
}

function decodingRows({ traffic, numberInPool }) {
  if (numberInPool === null) return [["Decoded", "by the server"]];
  const { workers, decoded, ms } = poolFacts();
  return [
    ["Decoded here", `${decoded} tiles, ${workers} ${workers === 1 ? "worker" : "workers"}`],
    ["A tile", decoded ? `${Math.round(ms / decoded)} ms` : ""],
    ["Requests", traffic.requests],
    ["Received", megabytes(traffic.bytes)],
  ];
}

/** How many of the worst tiles are listed. */
const LISTED = 8;

function worstTiles({ record }, ledger, goTo) {
  const { worst_psnr: psnr, worst_error: error } = record?.tiles ?? {};
  const measured = ledger?.worst(LISTED) ?? (psnr ? [psnr] : []);
  const found = [
    ...measured.map((place) => [`${place.psnr.toFixed(1)} dB`, place]),
    ...(error ? [[`off by ${error.max_error}`, error]] : []),
  ];
  if (!found.length) return [];
  const head = document.createElement("h2");
  head.textContent = "Worst tiles";
  const body = document.createElement("ol");
  for (const [text, place] of found) {
    const [row, button, bold] = ["li", "button", "b"].map((name) => document.createElement(name));
    bold.textContent = text;
    button.append(`Level ${place.level}, row ${place.row}, column ${place.column}`, bold);
    button.addEventListener("click", () => goTo(place));
    row.append(button);
    body.append(row);
  }
  return [head, body];
}

/** @param {HTMLElement} element @param {import("./pane.js").Pane} pane */
export function fillPanel(element, pane) {
  const { shown, ledger } = pane;
  const use = document.createElement("p");
  const stated = shown.record?.intended_use ?? "for research only; not for primary diagnosis";
  use.textContent = `${stated[0].toUpperCase()}${stated.slice(1)}.`;
  element.replaceChildren(
    ...list("Slide", slideRows(shown)),
    ...list("Coding", codingRows(shown)),
    ...worstTiles(shown, ledger, (place) => pane.goTo(place)),
    ...list("This page", decodingRows(shown)),
    use,
  );
}
