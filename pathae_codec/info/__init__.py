"""What a file says of itself, needs to be decoded, and discloses; no tile is decoded."""
