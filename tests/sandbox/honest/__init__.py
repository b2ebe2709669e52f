"""What honest notebooks do: none of it may be lost behind walls, but for what is said here and in the documentation."""
