"""Files of people from elsewhere: each kind turns what it reads into the same records, row by row."""
