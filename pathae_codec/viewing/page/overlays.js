/** What is drawn over the tiles: how each is coded, and regions of a GeoJSON. */

const COLOURS = {
  latent: "#7c5cff", constant: "#8e98a8", fallback: "#f0883e", exact: "#1fa87a",
  omitted: "#5aa9ff", damaged: "#ff4d4d",
};
/** Tiles that came as pictures: how they are coded is not known here. */
const SERVED = "decoded by the server";

/** From blue (little) to red (much). @param {number} share 0 to 1 */
const heat = (share) => `hsl(${Math.round(230 - 230 * Math.max(0, Math.min(1, share)))} 85% 55%)`;

const bitsPerPixel = (facts, tile) => (8 * (facts.bytes ?? 0)) / tile ** 2;
/** Bits a pixel that are shown as much; scanners' JPEG has about as many. */
const MUCH = 2;

/**
 * @typedef {{label: string, fromLedger?: boolean, colour: (facts: any, tile: number) => string | null,
 *   text: (facts: any, tile: number) => string, legend: () => [string, string][]}} Overlay
 * @type {Record<string, Overlay>}
 */
export const OVERLAYS = {
  none: { label: "No overlay", colour: () => null, text: () => "", legend: () => [] },
  mode: {
    label: "How tiles are coded",
    colour: ({ mode }) => COLOURS[mode] ?? "#8e98a8",
    text: (facts) => facts.mode,
    legend: () => Object.entries(COLOURS),
  },
  quality: {
    label: "Quality of tiles",
    colour: ({ quality, mode }) => (mode === "latent" ? heat(quality / 100) : COLOURS[mode]),
    text: ({ quality, mode }) => (mode === "latent" ? `q ${quality}` : mode),
    legend: () => [0, 25, 50, 75, 100].map((rung) => [`quality ${rung}`, heat(rung / 100)]),
  },
  bytes: {
    label: "Bits of tiles",
    colour: (facts, tile) => heat(bitsPerPixel(facts, tile) / MUCH),
    text: (facts, tile) =>
      facts.bytes === undefined ? "" : `${bitsPerPixel(facts, tile).toFixed(2)} bit/px`,
    legend: () => [0, 0.5, 1, 1.5, 2].map((bits) => [`${bits} bit/px`, heat(bits / MUCH)]),
  },
  psnr: {
    label: "PSNR of tiles",
    fromLedger: true,
    colour: ({ psnr }) => (psnr === null ? null : heat(1 - (psnr - 20) / 25)),
    text: ({ psnr }) => (psnr === null ? "not measured" : psnr === Infinity ? "exact" : `${psnr} dB`),
    legend: () => [20, 25, 30, 35, 45].map((psnr) => [`${psnr} dB`, heat(1 - (psnr - 20) / 25)]),
  },
  glass: {
    label: "Glass and omitted tiles",
    fromLedger: true,
    colour: ({ omitted, glass }) => (omitted ? COLOURS.omitted : glass ? "#e0a526" : null),
    text: ({ omitted, glass }) => (omitted ? "omitted" : glass ? "glass" : ""),
    legend: () => [["glass: no tissue", "#e0a526"], ["omitted: white", COLOURS.omitted]],
  },
};

/**
 * Draw an overlay over a pane.
 *
 * @param {import("./pane.js").Pane} pane
 * @param {string} name A key of OVERLAYS.
 * @param {any[]} regions Features of a GeoJSON, in pixels of level 0.
 */
export function drawOverlay(pane, name, regions) {
  const { canvas, image, shown, viewer } = pane;
  const ratio = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  if (!image || !shown) return;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const at = (x, y) => {
    const point = image.imageToViewportCoordinates(x, y, true);
    return viewer.viewport.viewportToViewerElementCoordinates(point);
  };
  if (name !== "none") drawTiles(context, pane, OVERLAYS[name], at);
  if (pane.marked) drawMarked(context, pane, at);
  for (const feature of regions) drawRegion(context, feature, at);
}

/** Corners of a tile on the screen: it may be turned. */
function corners({ levels, tile }, { index, row, column }, at) {
  const level = levels[index];
  const [across, down] = [levels[0].width / level.width, levels[0].height / level.height];
  const [left, top] = [column * tile * across, row * tile * down];
  const right = Math.min(left + tile * across, levels[0].width);
  const bottom = Math.min(top + tile * down, levels[0].height);
  return [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
}

function trace(context, points) {
  context.beginPath();
  points.forEach(({ x, y }, index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

/** What is known of the tiles that are drawn, of the finest level among them. */
function drawnFacts({ image, facts, shown, ledger }, fromLedger) {
  if (fromLedger && !ledger) return [];
  const drawn = image.getTilesToDraw().flat().map(({ tile }) => tile);
  const finest = Math.max(...drawn.map(({ level }) => level));
  return drawn
    .filter(({ level }) => level === finest)
    .map(({ level, x, y }) => {
      const place = { index: shown.levels.length - 1 - level, row: y, column: x };
      if (fromLedger) return { ...place, ...ledger.entry(place.index, y, x) };
      return facts.get(`${place.index}/${y}/${x}`);
    })
    .filter((one) => one && one.mode !== SERVED);
}

function drawTiles(context, pane, overlay, at) {
  const { shown } = pane;
  context.font = "600 12px system-ui, sans-serif";
  context.textAlign = "left";
  for (const one of drawnFacts(pane, overlay.fromLedger)) {
    const colour = overlay.colour(one, shown.tile);
    if (!colour) continue;
    const points = corners(shown, one, at);
    trace(context, points);
    context.globalAlpha = 0.15;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 0.9;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.stroke();
    context.globalAlpha = 1;
    const side = Math.hypot(points[1].x - points[0].x, points[1].y - points[0].y);
    const text = overlay.text(one, shown.tile);
    if (side < 90 || !text) continue;
    const box = context.measureText(text).width + 12;
    context.fillStyle = "rgb(20 14 38 / 78%)";
    context.beginPath();
    context.roundRect(points[0].x + 6, points[0].y + 6, box, 20, 6);
    context.fill();
    context.fillStyle = "#fff";
    context.fillText(text, points[0].x + 12, points[0].y + 20);
  }
}

function drawMarked(context, pane, at) {
  const { level, row, column } = pane.marked;
  trace(context, corners(pane.shown, { index: level, row, column }, at));
  context.strokeStyle = "#ffb703";
  context.lineWidth = 3;
  context.stroke();
}

function drawRegion(context, feature, at) {
  const { type, coordinates } = feature.geometry ?? {};
  const polygons = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
  context.strokeStyle = "#17b890";
  context.lineWidth = 2.5;
  for (const rings of polygons) {
    for (const ring of rings) {
      trace(context, ring.map(([x, y]) => at(x, y)));
      context.stroke();
    }
  }
}

/** @param {HTMLElement} element @param {string} name @param {Iterable<any>} facts */
export function drawLegend(element, name, facts) {
  const present = new Set([...facts].map(({ mode }) => mode));
  const rows = OVERLAYS[name].legend().filter(([label]) => name !== "mode" || present.has(label));
  element.hidden = !rows.length;
  element.replaceChildren(
    ...rows.map(([label, colour]) => {
      const row = document.createElement("span");
      const swatch = document.createElement("i");
      swatch.style.setProperty("--swatch", colour);
      row.append(swatch, label);
      return row;
    }),
  );
}
