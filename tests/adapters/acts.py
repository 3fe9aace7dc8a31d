"""What a handler can do with its request's session, asked for by the query: the same in every framework.

Each app of the contract answers `/act?do=…` by one of these two.
"""

from collections.abc import Mapping
from typing import Any

from vestibule.entry import AsyncEntry, BlockingEntry, Entry
from vestibule.session.data import Data
from vestibule.session.guards import Rate
from vestibule.session.reply import Reply

ANSWERS: dict[str, dict[str, object]] = {}
"""What an identity server said, by a name a test gave it: for `do=save`."""


def kept(data: Data[Any], query: Mapping[str, str]) -> dict[str, object]:
    """What is kept for the browser, after the changes that the query asks for."""
    for step in query.get("then", "").split():
        if step == "clear":
            data.clear()
        else:
            name, _, value = step.partition(":")
            data.update(**{name: int(value) if value.isdigit() else value})
    return {"value": data.value if isinstance(data.value, dict) else vars(data.value)}


def answered(reply: Reply | None) -> dict[str, object]:
    if reply is None:
        return {"status": 200}
    return {"status": reply.status, "headers": dict(reply.headers), "body": reply.body.decode()}


def given(query: Mapping[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {name: value for name, value in query.items() if name not in ("do", "then")}
    return options | ({"max_age": int(options["max_age"])} if "max_age" in options else {})


def at_once(entry: Entry, query: Mapping[str, str]) -> dict[str, object] | None:
    """What needs no network."""
    match query["do"]:
        case "authorize":
            return {"url": entry.authorization_url(**given(query))}
        case "sign_out":
            return {"url": entry.sign_out(**given(query))}
        case "clear":
            entry.clear()
            return {}
        case "forget":
            entry.forget_sign_ins()
            return {}
    return None


async def act(entry: AsyncEntry, query: Mapping[str, str]) -> dict[str, object]:
    done = at_once(entry, query)
    if done is not None:
        return done
    match query["do"]:
        case "save":
            return {"email": (await entry.save(ANSWERS[query["answer"]])).user.email}
        case "switch":
            switched = await entry.switch_organization(query["to"], return_to=query.get("return_to"))
            return {"organization_id": switched.organization_id}
        case "recent":
            recent = await entry.recent(int(query["max_age"]))
            return {"known": recent.authenticated_at is not None, "is_stale": recent.is_stale}
        case "refresh":
            return {"id": (await entry.refresh()).id}
        case "data":
            return kept(await entry.data(), query)
        case "user":
            return {"user": [await entry.user(), await entry.user()][1]}
        case "limited":
            return answered(await entry.guard(Rate("2/day", name=query["name"])))
    raise ValueError(query["do"])


def act_blocking(entry: BlockingEntry, query: Mapping[str, str]) -> dict[str, object]:
    done = at_once(entry, query)
    if done is not None:
        return done
    match query["do"]:
        case "save":
            return {"email": entry.save(ANSWERS[query["answer"]]).user.email}
        case "switch":
            switched = entry.switch_organization(query["to"], return_to=query.get("return_to"))
            return {"organization_id": switched.organization_id}
        case "recent":
            recent = entry.recent(int(query["max_age"]))
            return {"known": recent.authenticated_at is not None, "is_stale": recent.is_stale}
        case "refresh":
            return {"id": entry.refresh().id}
        case "data":
            return kept(entry.data(), query)
        case "user":
            return {"user": [entry.user(), entry.user()][1]}
        case "limited":
            return answered(entry.guard(Rate("2/day", name=query["name"])))
    raise ValueError(query["do"])
