"""Sign-in for Python web apps."""
