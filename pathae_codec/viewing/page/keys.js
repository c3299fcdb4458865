/** The keyboard, and the page that lists it. */

const LISTED = [
  ["Arrows", "move"], ["+ −", "closer, further"], ["0", "all of the slide"], ["1 … 6", "magnification"],
  ["R", "turn by 90°; with Shift back"], ["F", "full screen"], ["C", "one picture, side by side, swipe line"],
  ["O", "next overlay"], ["I", "about this slide"], ["D", "light, dark"], ["?", "these keys"],
];

/** @param {HTMLDialogElement} dialog */
export function listKeys(dialog) {
  const head = document.createElement("h2");
  head.textContent = "Keys";
  const body = document.createElement("dl");
  for (const [keys, meaning] of LISTED) {
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
    for (const key of keys.split(" ")) {
      if (key === "…") term.append("…");
      else term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    }
    detail.textContent = meaning;
    body.append(term, detail);
  }
  dialog.replaceChildren(head, body);
  dialog.addEventListener("click", () => dialog.close());
}

/**
 * @param {Record<string, (event: KeyboardEvent) => void>} actions By key.
 */
export function listenToKeys(actions) {
  addEventListener("keydown", (event) => {
    const writing = /^(INPUT|SELECT|TEXTAREA)$/.test(/** @type {any} */ (event.target).tagName);
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    action(event);
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
}
