/** The viewer's page: opens what `slides.json` names, and binds controls to panes. */
import { listKeys, listenToKeys } from "./keys.js";
import { OVERLAYS, drawLegend, drawOverlay } from "./overlays.js";
import { Pane, openEntry, startWorkers } from "./pane.js";
import { fillPanel } from "./panel.js";
import { drawScaleBar, powerText, powers } from "./scale_bar.js";
import { dragDivider, moveTogether } from "./together.js";

const find = (selector) => /** @type {any} */ (document.querySelector(selector));
const stage = find("#stage");
const LAYOUTS = ["single", "side", "swipe"];
const state = { layout: "single", overlay: "none", regions: [], hushed: 0 };
const opened = new Map();
let entries = [];
let left;
let right;

async function start() {
  const listing = await (await fetch("slides.json")).json();
  entries = listing.slides;
  if (entries[0].decode === "page") startWorkers();
  if (listing.regions) state.regions = (await (await fetch(listing.regions)).json()).features ?? [];
  const first = await open(0);
  const tile = Math.max(first.tile, 256);
  left = new Pane(find("#left"), { navigator: find("#navigator"), tile, changed });
  right = new Pane(find("#right"), { navigator: null, tile, changed });
  Object.assign(window, { pathae: { left, right, state } });
  bind(listing);
  await show(left, 0, false);
  find("#loading").classList.add("done");
  if (listing.against !== undefined) setLayout("swipe");
}

async function open(index) {
  if (!opened.has(index)) opened.set(index, openEntry(entries[index]));
  try {
    return await opened.get(index);
  } catch (error) {
    opened.delete(index);
    throw error;
  }
}

async function show(pane, index, keep) {
  try {
    const shown = await open(index);
    const asked = shown.realism === null ? null : Number(find("#realism input").value) / 8;
    await pane.show(shown, pane.chosen && shown.realism !== null ? asked : null, keep);
    if (pane === left) describe(shown);
    state.together?.copy();
    changed(pane);
  } catch (error) {
    tell(error.message);
    if (pane === left && !left.shown) throw error;
  }
}

function describe(shown) {
  document.title = `${shown.name} · PathAE`;
  const found = powers(shown);
  find("#powers").replaceChildren(
    ...found.map(({ name, scale }) => {
      const button = document.createElement("button");
      button.textContent = name;
      button.addEventListener("click", () => lead().zoomTo(scale));
      return button;
    }),
  );
  const slider = find("#realism");
  slider.hidden = shown.realism === null;
  if (shown.realism !== null && !left.chosen) {
    find("#realism input").value = 8 * shown.realism;
    find("#realism output").textContent = shown.realism.toFixed(3).replace(/\.?0+$/, "");
  }
  refreshPanel();
}

function refreshPanel() {
  if (!find("#panel").hidden && left.shown) fillPanel(find("#panel"), left);
}

/** The ledger is fetched when something is shown of it. */
function fetchLedgers() {
  for (const pane of [left, right]) {
    pane.fetchLedger().then(changed, (error) => tell(error.message));
  }
}

/** The pane that buttons and keys move. */
function lead() {
  state.together.lead(left);
  return left;
}

let drawing = false;
/** Draw what follows the view, once a frame. */
function changed() {
  if (drawing || !left) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const panes = state.layout === "single" ? [left] : [left, right];
    for (const pane of panes) drawOverlay(pane, state.overlay, state.regions);
    drawScaleBar(left, find("#scale"));
    drawLegend(find("#legend"), state.overlay, left.facts.values());
    find("#power").textContent = powerText(left);
    const scales = left.shown ? powers(left.shown) : [];
    [...find("#powers").children].forEach((button, index) => {
      const near = Math.abs(Math.log(left.scale / scales[index].scale)) < 0.02;
      button.setAttribute("aria-pressed", String(near));
    });
    find("#progress").classList.toggle("busy", !panes.every((pane) => pane.settled));
    refreshPanel();
    tellDamaged(panes);
  });
}

function tellDamaged(panes) {
  const damaged = panes.flatMap((pane) =>
    [...pane.facts.values()].filter(({ mode }) => mode === "damaged"),
  );
  if (damaged.length <= state.hushed) return;
  const [{ error, reason }] = damaged;
  const count = damaged.length === 1 ? "1 tile is" : `${damaged.length} tiles are`;
  const server = /^(model_|backend_)/.test(reason ?? "") ? " Try pathae view --decode server." : "";
  tell(`${count} not decoded and shown marked: ${error}.${server}`, damaged.length);
}

function tell(text, count = 0) {
  find("#notice p").textContent = text;
  find("#notice").hidden = false;
  state.shownCount = count;
}

async function setLayout(layout) {
  if (entries.length < 2) layout = "single";
  state.layout = layout;
  stage.dataset.layout = layout;
  find("#right").hidden = layout === "single";
  find("#divider").hidden = layout !== "swipe";
  find("#other").hidden = find("#compare-rule").hidden = layout === "single";
  for (const button of document.querySelectorAll("#layout button")) {
    const pressed = /** @type {HTMLElement} */ (button).dataset.layout === layout;
    button.setAttribute("aria-pressed", String(pressed));
  }
  find("#left .tag").hidden = layout === "single";
  if (layout !== "single" && !right.shown) await show(right, Number(find("#other").value), false);
  // OpenSeadragon measures its elements when a frame is drawn.
  requestAnimationFrame(() => requestAnimationFrame(() => (state.together.copy(), changed())));
}

function bind(listing) {
  fillSelect(find("#slides"), entries.map(({ name }) => name), 0, (index) => show(left, index, true));
  fillSelect(
    find("#other"), entries.map(({ name }) => name), listing.against ?? Math.min(1, entries.length - 1),
    (index) => show(right, index, true),
  );
  find("#name").textContent = entries[0].name;
  find("#slides").hidden = entries.length < 2;
  find("#name").hidden = entries.length > 1;
  find("#layout").hidden = entries.length < 2;
  const overlays = Object.keys(OVERLAYS);
  fillSelect(find("#overlay"), overlays.map((name) => OVERLAYS[name].label), 0, (index) => {
    state.overlay = overlays[index];
    if (OVERLAYS[state.overlay].fromLedger) fetchLedgers();
    changed();
  });
  state.together = moveTogether(left, right, () => state.layout !== "single");
  dragDivider(stage, find("#divider"));
  for (const pane of [left, right]) {
    for (const event of ["animation", "update-viewport", "rotate", "resize"]) {
      pane.viewer.addHandler(event, () => changed());
    }
  }
  find("#layout").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) setLayout(button.dataset.layout);
  });
  const turn = (by) => lead().viewer.viewport.rotateBy(by);
  const next = (select) => {
    select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
    select.dispatchEvent(new Event("change"));
  };
  const zoom = (by) => lead().viewer.viewport.zoomBy(by).applyConstraints();
  const pan = (x, y) => {
    const { width } = left.viewer.viewport.getBounds();
    const by = new OpenSeadragon.Point(x * width * 0.12, y * width * 0.12);
    lead().viewer.viewport.panBy(by.rotate(-left.viewer.viewport.getRotation())).applyConstraints();
  };
  const actions = {
    in: () => zoom(1.5),
    out: () => zoom(1 / 1.5),
    fit: () => lead().viewer.viewport.goHome(),
    rotate: () => turn(90),
    info: () => ((find("#panel").hidden = !find("#panel").hidden), fetchLedgers(), changed()),
    theme: toggleTheme,
    keys: () => (find("#keys").open ? find("#keys").close() : find("#keys").showModal()),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : document.body.requestFullscreen()),
    hush: () => ((state.hushed = state.shownCount ?? 0), (find("#notice").hidden = true)),
  };
  document.addEventListener("click", ({ target }) => {
    const name = /** @type {any} */ (target).closest("[data-do]")?.dataset.do;
    if (name) actions[name]();
  });
  listKeys(find("#keys"));
  listenToKeys({
    "+": actions.in, "=": actions.in, "-": actions.out, 0: actions.fit, f: actions.full,
    i: actions.info, d: actions.theme, "?": actions.keys, o: () => next(find("#overlay")),
    r: (event) => turn(event.shiftKey ? -90 : 90),
    c: () => setLayout(LAYOUTS[(LAYOUTS.indexOf(state.layout) + 1) % LAYOUTS.length]),
    ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, -1),
    ArrowDown: () => pan(0, 1),
    ...Object.fromEntries(
      [1, 2, 3, 4, 5, 6].map((key) => [key, () => [...find("#powers").children].at(-key)?.click()]),
    ),
  });
  bindRealism();
  setLayout("single");
}

function bindRealism() {
  const slider = find("#realism input");
  slider.addEventListener("input", () => {
    find("#realism output").textContent = String(slider.value / 8);
  });
  slider.addEventListener("change", () => {
    left.chosen = true;
    show(left, Number(find("#slides").value), true);
  });
}

function fillSelect(select, names, chosen, pick) {
  select.replaceChildren(...names.map((name, index) => new Option(name, String(index))));
  select.value = String(chosen);
  select.addEventListener("change", () => pick(Number(select.value)));
}

function toggleTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
}

if (location.protocol !== "file:") {
  start().catch((error) => {
    const place = find("#loading");
    place.classList.remove("done");
    const text = document.createElement("p");
    text.textContent = `This cannot be shown. ${error.message}`;
    place.replaceChildren(text);
  });
}
