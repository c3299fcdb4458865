/** The scale bar, and how magnification is said. Nothing is guessed that a slide does not state. */

const LONGEST = 150;

/**
 * Return the length of a bar of at most LONGEST pixels.
 *
 * @param {number} micrometres Of one pixel of the screen.
 * @returns {{pixels: number, text: string}}
 */
export function barLength(micrometres) {
  const most = micrometres * LONGEST;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((one) => one <= most) ?? power;
  const [value, unit] =
    length >= 1000 ? [length / 1000, "mm"] : length < 1 ? [length * 1000, "nm"] : [length, "µm"];
  return { pixels: length / micrometres, text: `${Number(value.toPrecision(3))} ${unit}` };
}

/** @param {import("./pane.js").Pane} pane @param {HTMLElement} element */
export function drawScaleBar(pane, element) {
  const mpp = pane.shown?.mpp;
  element.hidden = !mpp;
  if (!mpp) return;
  const { pixels, text } = barLength(mpp[0] / pane.scale);
  element.querySelector("i").style.width = `${Math.round(pixels)}px`;
  element.querySelector("span").textContent = text;
}

/** What the present magnification is called: of the objective where it is stated, else in percent. */
export function powerText(pane) {
  const { magnification } = pane.shown ?? {};
  const value = pane.scale * (magnification ?? 100);
  return `${Number(value.toPrecision(value < 10 ? 2 : 3))}${magnification ? "×" : " %"}`;
}

/** Magnifications to choose from: name and pixels of the screen for one of level 0. */
export function powers({ magnification }) {
  if (!magnification) {
    return [2, 1, 1 / 2, 1 / 4, 1 / 8].map((scale) => ({ name: `${100 * scale} %`, scale }));
  }
  const named = [80, 40, 20, 10, 5, 2.5, 1.25].filter((power) => power <= 2 * magnification);
  return named.map((power) => ({ name: `${power}×`, scale: power / magnification }));
}
