/**
 * What can go wrong, with the reasons that the specification and the Python package use.
 *
 * Of the bytes: bad_magic, truncated, trailing_bytes, unsupported_version, field_out_of_range,
 * checksum_mismatch, invalid_payload, invalid_artifact, invalid_container. Of what is at hand:
 * model_not_found, model_mismatch, backend_unavailable, slide_unreadable, invalid_setting.
 */
export class PathAEError extends Error {
  /**
   * @param {string} reason A stable code, as in `case.json` of the vectors.
   * @param {string} message One line: what, expected, found.
   */
  constructor(reason, message) {
    super(message);
    this.name = "PathAEError";
    this.reason = reason;
  }
}

/** @param {string} message @returns {PathAEError} */
export const artifactError = (message) => new PathAEError("invalid_artifact", message);

/** @param {string} message @returns {PathAEError} */
export const payloadError = (message) => new PathAEError("invalid_payload", message);

/** @param {string} message @returns {PathAEError} */
export const containerError = (message) => new PathAEError("invalid_container", message);
