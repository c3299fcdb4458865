"""The model: its artifact and the file of that, identity, architecture, quantizer, library."""
