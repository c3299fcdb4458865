"""Published autoencoders -> model artifacts. Nothing is ever downloaded."""
