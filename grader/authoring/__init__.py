"""Tools of those who write exercises."""
