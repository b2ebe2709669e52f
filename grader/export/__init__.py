"""From grades to what an LMS, or a faculty's records, take in; called by the commands."""
