"""Stored slides -> regions of pixels, latents and symbols; the interface of OpenSlide on top."""
