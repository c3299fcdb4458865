/** Two panes that move together, side by side or with a swipe line between them. */

/**
 * Make two viewers follow each other: the one under the hand leads.
 *
 * @param {import("./pane.js").Pane} left
 * @param {import("./pane.js").Pane} right
 * @param {() => boolean} locked
 */
export function moveTogether(left, right, locked) {
  let leader = left;
  for (const pane of [left, right]) {
    for (const event of ["pointerdown", "wheel", "keydown", "touchstart"]) {
      const lead = () => (leader = pane);
      pane.element.addEventListener(event, lead, { capture: true, passive: true });
    }
    const other = pane === left ? right : left;
    const copy = () => {
      if (leader === pane && locked()) copyView(pane.viewer, other.viewer);
    };
    for (const event of ["animation", "viewport-change", "rotate", "resize"]) {
      pane.viewer.addHandler(event, copy);
    }
  }
  return {
    /** Let the left one lead: keys and buttons move it. */
    lead(pane) {
      leader = pane;
    },
    copy: () => copyView(leader.viewer, (leader === left ? right : left).viewer),
  };
}

function copyView(from, to) {
  if (!to.world.getItemCount() || !from.world.getItemCount()) return;
  to.viewport.setRotation(from.viewport.getRotation(true), true);
  to.viewport.zoomTo(from.viewport.getZoom(true), undefined, true);
  to.viewport.panTo(from.viewport.getCenter(true), true);
}

/**
 * Let the line between the panes be dragged, and moved by the arrow keys.
 *
 * @param {HTMLElement} stage
 * @param {HTMLElement} divider
 */
export function dragDivider(stage, divider) {
  let share = 0.5;
  const place = (value) => {
    share = Math.max(0.02, Math.min(0.98, value));
    stage.style.setProperty("--cut", `${share * 100}%`);
  };
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const { left, width } = stage.getBoundingClientRect();
    place((event.clientX - left) / width);
  });
  divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (!step) return;
    place(share + step);
    event.preventDefault();
    event.stopPropagation();
  });
  place(share);
}
