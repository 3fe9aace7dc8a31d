"""What the code of an app can do in direct mode, asked for by a query: the same in every framework."""

from collections.abc import Mapping
from typing import Any

from vestibule.direct import DirectSession, SessionResult, SignInResult, SignOutResult
from vestibule.oauth.tokens import Tokens
from vestibule.session.model import Session


def ask(direct: Any, request: Any, query: Mapping[str, str]) -> Any:
    """What `auth.direct` says; to be awaited where the framework awaits."""
    provider = query.get("provider", "github")
    match query["do"]:
        case "session":
            return direct.get_session(request)
        case "sign_in":
            redirect = query.get("redirect") != "no"
            return direct.sign_in(request, provider, return_to=query.get("return_to"), redirect=redirect)
        case "sign_out":
            return direct.sign_out(request, return_to=query.get("return_to"))
        case "update":
            user = {"name": query["name"]} if "name" in query else None
            grants = {"permissions": query["permissions"].split()} if "permissions" in query else {}
            return direct.update_session(request, user, **grants)
        case "tokens":
            return direct.provider_tokens(request, provider)
        case "revoke_tokens":
            return direct.revoke_provider_tokens(request, provider)
        case "refresh_user":
            return direct.refresh_user(request, query.get("provider"))
    raise ValueError(query["do"])


def shown(found: object) -> dict[str, object]:
    match found:
        case SessionResult():
            assert found.success is found.authenticated
            session = found.session
            return {
                "authenticated": found.authenticated,
                "reason": found.reason.value if found.reason else None,
                "email": session.user.email if session else None,
            }
        case SignInResult():
            return {"url": found.sign_in_url, "provider": found.provider, "success": found.success}
        case SignOutResult():
            return {"url": found.redirect_url, "success": found.success}
        case DirectSession():
            return told(found)
        case Tokens():
            return {"access_token": found.access_token, "refresh_token": found.refresh_token}
    return {"result": found}


def told(session: Session | None) -> dict[str, object]:
    assert isinstance(session, DirectSession)
    return {
        "id": session.user.id,
        "email": session.user.email,
        "name": session.user.name,
        "provider": session.provider,
        "accounts": sorted(session.accounts),
        "permissions": sorted(session.permissions),
        "access_token": session.access_token,
    }
