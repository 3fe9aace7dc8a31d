"""The routes every app gets, below the prefix; the callback's path comes from the redirect URI."""

PATHS = {
    "sign_in": "sign-in",
    "sign_up": "sign-up",
    "sign_out": "sign-out",
    "session": "session",
    "organization": "organization",
    "access_token": "access-token",
    "refresh": "refresh",
    "client": "client.js",
}
