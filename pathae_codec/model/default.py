"""The name of the model that is taken where none is named: the command line loads nothing else."""

DEFAULT_MODEL = "he-f16c192-3"
