/** Tiles that are drawn here: white ones, and those that cannot be decoded. */

const draw = ({ width, height }, paint) => {
  const canvas = new OffscreenCanvas(width, height);
  paint(canvas.getContext("2d"), width, height);
  return canvas.transferToImageBitmap();
};

/** @param {{width: number, height: number}} size A tile that is left out is white. */
export const whiteTile = (size) =>
  draw(size, (context, width, height) => {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  });

/**
 * A tile that cannot be shown, marked so that none takes it for tissue or glass.
 *
 * @param {{width: number, height: number}} size
 * @param {string} reason
 */
export const markDamaged = (size, reason) =>
  draw(size, (context, width, height) => {
    context.fillStyle = "#2b2140";
    context.fillRect(0, 0, width, height);
    context.strokeStyle = "#ff8f8855";
    context.lineWidth = 6;
    for (let x = -height; x < width; x += 28) {
      context.beginPath();
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
      context.stroke();
    }
    context.strokeStyle = "#ff8f88";
    context.lineWidth = 4;
    context.strokeRect(2, 2, width - 4, height - 4);
    const side = Math.min(width, height);
    if (side < 96) return;
    context.font = `600 ${Math.max(12, Math.round(side / 18))}px system-ui, sans-serif`;
    context.textAlign = "center";
    const text = `not decoded: ${reason.replaceAll("_", " ")}`;
    const box = context.measureText(text).width + side / 14;
    context.fillStyle = "#2b2140";
    context.fillRect((width - box) / 2, height / 2 - side / 18, box, side / 9);
    context.fillStyle = "#ffd9d6";
    context.fillText(text, width / 2, height / 2 + side / 54, width * 0.9);
  });
