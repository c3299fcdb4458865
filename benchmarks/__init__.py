"""What PathAE is measured on and with; no part of the installed package."""
