"""A PathAE file by itself (validate) and against its source (verify)."""
