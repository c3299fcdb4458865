import { artifactError } from "./errors.js";
import { MAX_ALPHABET, MAX_TABLE_SETS } from "./limits.js";

/** Integer frequency tables: the entropy model. Specification, section 4.1. */

export const PRECISION = 14;
const TOTAL = 1 << PRECISION;
/** Slots are looked up by buckets of 64: 256 entries a channel, where all slots are 16384. */
export const BUCKET_BITS = 6;
const BUCKETS = TOTAL >> BUCKET_BITS;

/**
 * @typedef {object} TableSet
 * @property {Uint16Array} frequencies Of all channels, channel by channel.
 * @property {Uint16Array} starts The first slot of each symbol.
 * @property {Uint16Array} buckets For each channel and bucket, the symbol of its first slot.
 */

export class FrequencyTables {
  /**
   * @param {Uint16Array} alphabets Symbols of each channel.
   * @param {Uint16Array} frequencies (sets, sum of alphabets).
   * @param {number} sets
   * @throws {PathAEError} invalid_artifact: sums, zeros, or beyond the limits.
   */
  constructor(alphabets, frequencies, sets) {
    this.alphabets = alphabets;
    this.sets = sets;
    this.frequencies = frequencies;
    this.total = alphabets.reduce((sum, alphabet) => sum + alphabet, 0);
    /** @type {Map<number, TableSet>} */
    this.ready = new Map();
    if (sets < 1 || sets > MAX_TABLE_SETS) {
      throw artifactError(`table sets: expected 1 to ${MAX_TABLE_SETS}, got ${sets}`);
    }
    for (let set = 0, place = 0; set < sets; set++) {
      alphabets.forEach((alphabet, channel) => {
        if (alphabet < 1 || alphabet > MAX_ALPHABET) {
          throw artifactError(`channel ${channel}: expected 1 to ${MAX_ALPHABET} symbols`);
        }
        const table = frequencies.subarray(place, place + alphabet);
        place += alphabet;
        const sum = table.reduce((all, one) => all + one, 0);
        if (sum !== TOTAL || table.includes(0)) {
          throw artifactError(
            `channel ${channel} frequencies: expected a sum of ${TOTAL} and none zero, got ${sum}`,
          );
        }
      });
    }
  }

  /**
   * Return a set with what decoding looks up, laid out at first use.
   *
   * @param {number} index
   * @returns {TableSet}
   */
  set(index) {
    let set = this.ready.get(index);
    if (!set) {
      set = this.#layOut(index);
      this.ready.set(index, set);
    }
    return set;
  }

  /** @param {number} index @returns {TableSet} */
  #layOut(index) {
    const frequencies = this.frequencies.subarray(index * this.total, (index + 1) * this.total);
    const starts = new Uint16Array(this.total);
    const buckets = new Uint16Array(this.alphabets.length * BUCKETS);
    let first = 0;
    this.alphabets.forEach((alphabet, channel) => {
      let slot = 0;
      let bucket = 0;
      for (let symbol = 0; symbol < alphabet; symbol++) {
        starts[first + symbol] = slot;
        slot += frequencies[first + symbol];
        for (; bucket < BUCKETS && bucket << BUCKET_BITS < slot; bucket++) {
          buckets[channel * BUCKETS + bucket] = symbol;
        }
      }
      first += alphabet;
    });
    return { frequencies, starts, buckets };
  }
}
