"""A Django project for the tests: all that `startproject` gives, and ours."""
