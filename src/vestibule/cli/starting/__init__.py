"""What `vestibule init` does: look at a directory, plan what is missing for sign-in, and write only that."""
