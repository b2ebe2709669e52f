"""From a download or a folder to submissions."""
