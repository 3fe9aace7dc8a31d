"""What the API calls a provider: in authorize requests, in identities, and as how a session was opened."""

from collections.abc import Mapping
from typing import Final

from vestibule.oauth import Client

NAMES: Final[Mapping[str, str]] = {
    "apple": "AppleOAuth",
    "bitbucket": "BitbucketOAuth",
    "github": "GitHubOAuth",
    "gitlab": "GitLabOAuth",
    "google": "GoogleOAuth",
    "linkedin": "LinkedInOAuth",
    "microsoft": "MicrosoftOAuth",
    "slack": "SlackOAuth",
}


def name_of(client: Client) -> str:
    """`GoogleOAuth`; a provider that the API has no word for goes by its own."""
    return NAMES.get(client.template.id, f"{client.template.name.replace(' ', '')}OAuth")
