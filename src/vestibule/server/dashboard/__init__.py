"""The dashboard: what operators see and change, in a browser."""
