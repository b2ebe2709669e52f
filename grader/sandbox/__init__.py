"""The host's side of the wall: kernels behind walls, limits, the wire."""
