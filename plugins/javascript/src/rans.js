import { payloadError } from "./errors.js";
import { BUCKET_BITS, PRECISION } from "./frequency_tables.js";
import { MAX_SYMBOLS_PER_BYTE } from "./limits.js";

/** Interleaved rANS: payload -> symbols. Specification, section 4.2. */

const LOW = 65536;
const BUCKETS = 1 << (PRECISION - BUCKET_BITS);
const MASK = (1 << PRECISION) - 1;

/**
 * Decode the payload of a latent tile.
 *
 * @param {Uint8Array} payload
 * @param {import("./frequency_tables.js").FrequencyTables} tables
 * @param {number} tableSet
 * @param {number} positions Rows times columns of the latent.
 * @param {number} lanes A power of two.
 * @returns {Uint16Array} (channels, positions).
 * @throws {PathAEError} invalid_payload.
 */
export function decodeSymbols(payload, tables, tableSet, positions, lanes) {
  const heads = 4 * lanes;
  if (payload.length < heads || payload.length % 2) {
    throw payloadError(
      `payload: expected ${heads} bytes or more, an even number, got ${payload.length}`,
    );
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const states = Uint32Array.from({ length: lanes }, (_, lane) => view.getUint32(4 * lane, true));
  if (states.some((state) => state < LOW)) {
    throw payloadError(`payload state: expected ${LOW} or more`);
  }
  const coded = positions * tables.alphabets.filter((alphabet) => alphabet > 1).length;
  if (coded > MAX_SYMBOLS_PER_BYTE * payload.length) {
    throw payloadError(`payload: expected more than ${payload.length} bytes for ${coded} symbols`);
  }
  const words = (payload.length - heads) / 2;
  const { frequencies, starts, buckets } = tables.set(tableSet);
  const symbols = new Uint16Array(tables.alphabets.length * positions);
  let word = 0;
  let first = 0;
  for (let channel = 0; channel < tables.alphabets.length; channel++) {
    const alphabet = tables.alphabets[channel];
    const out = channel * positions;
    for (let position = 0; alphabet > 1 && position < positions; position++) {
      const lane = position & (lanes - 1);
      const state = states[lane];
      const slot = state & MASK;
      let symbol = buckets[channel * BUCKETS + (slot >>> BUCKET_BITS)];
      while (starts[first + symbol] + frequencies[first + symbol] <= slot) symbol++;
      symbols[out + position] = symbol;
      const entry = first + symbol;
      // Below 2^32 always, so that the product of 32 bits is the product.
      let next =
        (Math.imul(frequencies[entry], state >>> PRECISION) + slot - starts[entry]) >>> 0;
      if (next < LOW) {
        const taken = word < words ? view.getUint16(heads + 2 * word, true) : 0;
        next = ((next << 16) | taken) >>> 0;
        word++;
      }
      states[lane] = next;
    }
    // Bounds the work that a short hostile payload can ask for to one channel.
    if (word > words) throw payloadError("payload: expected more words, it ran out of them");
    first += alphabet;
  }
  if (word !== words || states.some((state) => state !== LOW)) {
    throw payloadError("payload: expected to end with its states at rest, it did not");
  }
  return symbols;
}
