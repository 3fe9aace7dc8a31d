"""The table: every provider that is known, by its id."""

from vestibule.errors import ConfigError
from vestibule.oauth.provider import Provider
from vestibule.oauth.providers import commerce, developer, regional, social, tenants, work

PROVIDERS: dict[str, Provider] = {
    provider.id: provider
    for folder in (work, developer, social, tenants, regional, commerce)
    for provider in sorted(folder.ALL, key=lambda each: each.id)
}
_BY_NAME = {
    name.lower(): provider for provider in PROVIDERS.values() for name in (provider.id, *provider.aliases)
}


def find_provider(name: str) -> Provider | None:
    """By id or another program's name for it, in any case."""
    return _BY_NAME.get(name.strip().lower())


def get_provider(name: str) -> Provider:
    """Raises ConfigError `provider_unknown` with the names there are."""
    found = find_provider(name)
    if found is None:
        supported = ", ".join(sorted(each.id for each in PROVIDERS.values() if each.verified))
        raise ConfigError(
            f"There is no provider {name!r}. There are {supported}; others by oidc(…) and oauth2(…).",
            code="provider_unknown",
        )
    return found
