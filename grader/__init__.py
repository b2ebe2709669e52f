"""`grade`: executes deep-learning notebooks, asks them questions, judges outside, and reports."""
