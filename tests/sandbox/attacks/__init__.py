"""Attacks on the walls: what a student's code may try, where each must fail, and where it works."""
