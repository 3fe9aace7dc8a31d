"""Where people can be brought from: each source turns what it reads into the same records, row by row."""
