"""The account page: what a person sees and changes of their own account at this server."""
