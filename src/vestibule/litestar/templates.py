"""The names of `vestibule.templating` in the templates of an app that has Jinja's."""

from typing import Any

from litestar.template.config import TemplateConfig

from vestibule.asgi import SCOPE_KEY


def add_names(config: TemplateConfig[Any] | None) -> bool:
    """Whether this app has templates that know who is there."""
    environment: Any = getattr(config.engine_instance, "engine", None) if config is not None else None
    if not hasattr(environment, "add_extension"):  # another engine than Jinja
        return False
    from jinja2.runtime import Context
    from jinja2.utils import missing

    from vestibule.templating import GuardExtension, template_names

    class KnowingContext(Context):
        """Litestar has no place for names that depend on the request; its templates have the request."""

        def resolve_or_missing(self, key: str) -> Any:
            found = super().resolve_or_missing(key)
            if found is not missing:
                return found
            entry = getattr(self.parent.get("request"), "scope", {}).get(SCOPE_KEY)
            return missing if entry is None else template_names(entry, entry.visit.peek).get(key, missing)

    environment.add_extension(GuardExtension)
    environment.context_class = KnowingContext
    return True
