/**
 * Values of a layer in the kernel's memory: position by position, the channels of a position
 * together, with a border of zeros around them.
 */

/** Channels are stored in eights; the last of them are zero. @param {number} channels */
export const padded = (channels) => Math.ceil(channels / 8) * 8;

export class Picture {
  /**
   * @param {number} address Of the border's corner, in bytes; the memory there is zero.
   * @param {number} height
   * @param {number} width
   * @param {number} channels
   * @param {number} border Rows and columns of zeros on each side.
   */
  constructor(address, height, width, channels, border) {
    this.address = address;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.border = border;
    /** Values from one position, and from one row, to the next. */
    this.pixel = padded(channels);
    this.row = this.pixel * (width + 2 * border);
  }

  /** Bytes that it takes. */
  get size() {
    return 4 * this.row * (this.height + 2 * this.border);
  }

  /**
   * Return the place of a position among all float32 values of the memory.
   *
   * @param {number} y
   * @param {number} x
   */
  at(y, x) {
    return this.address / 4 + (y + this.border) * this.row + (x + this.border) * this.pixel;
  }
}
