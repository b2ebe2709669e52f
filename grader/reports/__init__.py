"""Renderers: a class report in, one file or screen out."""
