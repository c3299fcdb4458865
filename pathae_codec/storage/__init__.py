"""Where bytes lie, how they are read, and how a container takes its name: whole or not at all."""
