"""What each part of a seed makes. Ids that a seed does not give come from names, the same everywhere."""
