"""Frozen pydantic models for everything that crosses a border between parts; no input or output here."""
