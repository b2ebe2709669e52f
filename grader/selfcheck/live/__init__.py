"""`%load_ext grader`, then `%check` or `%check train`: the public criteria on the live kernel."""
