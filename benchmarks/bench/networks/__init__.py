"""Networks that the tasks train: small, on one CPU thread, from seeds."""
