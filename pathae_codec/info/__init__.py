"""What a PathAE file says of itself, and what it takes to decode it."""
