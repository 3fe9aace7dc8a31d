import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import bcrypt
import httpx2
import pytest

from tests.cli.running import Done, inside, vestibule
from tests.databases import Cluster
from tests.server.apps import PASSWORD
from tests.servers import SECRET, running_server
from vestibule.cli.imports.workos import WorkOSApi
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.server.identity.context import Identity
from vestibule.server.identity.domains import list_domains
from vestibule.server.identity.importing import hash_kind
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.organizations import list_organizations
from vestibule.server.identity.paging import Page
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.people import User
from vestibule.server.identity.roles import get_role
from vestibule.server.identity.users import find_user_by_email, list_identities, list_users
from vestibule.server.import_files.csv_rows import CsvFile
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

ENVIRONMENT = {"VESTIBULE_SERVER_SECRET": SECRET}
KEYS = ("sk_test_of_the_one", "sk_live_of_the_other")
BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'vestibule.db'}"


def bring(directory: Path, database: str, *arguments: str) -> Done:
    return inside(directory, "import", *arguments, "--database", database, **ENVIRONMENT)


@contextmanager
def identity_of(database: str) -> Iterator[Identity]:
    settings = Settings(public_url="http://localhost", database=database, secret=SECRET, development=True)
    with closing(Store(database)) as store:
        yield Identity(store, settings)


def person(identity: Identity, email: str) -> User:
    user = find_user_by_email(identity, email)
    assert user is not None
    return user


def refusals(directory: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / f"{name}.refused.ndjson").read_text().splitlines()]


COLUMNS = (
    *("email", "email_verified", "first_name", "external_id", "id", "password_hash"),
    *("organization_name", "organization_external_id", "role", "metadata.plan"),
)
CSV = f"""{",".join(COLUMNS)}
ada@example.com,true,Ada,u-1,user_ada,{BCRYPT},Engines,acme,admin,pro
grace@example.com,no,"Grace, B.",u-2,,,,,,
"""


def test_people_come_from_a_csv_file(tmp_path: Path, database: str) -> None:
    (tmp_path / "people.csv").write_text(CSV)
    done = bring(tmp_path, database, "csv", "people.csv")
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 rows: 2 created, 0 completed, 0 were here, 0 refused\n"
    with identity_of(database) as identity:
        ada = verify_password(identity, "ada@example.com", PASSWORD)
        assert (ada.id, ada.external_id, ada.metadata) == ("user_ada", "u-1", {"plan": "pro"})
        ((membership, name),) = list_active_memberships(identity, ada.id)
        assert (membership.roles, name) == (["admin"], "Engines")
        grace = person(identity, "grace@example.com")
        assert (grace.first_name, grace.email_verified) == ("Grace, B.", False)


def test_bringing_the_same_again_adds_what_was_missing_and_nothing_else(
    tmp_path: Path, database: str
) -> None:
    (tmp_path / "first.csv").write_text("email\nada@example.com\n")
    bring(tmp_path, database, "csv", "first.csv")
    (tmp_path / "people.csv").write_text(CSV.replace("u-1,user_ada", ","))
    again = bring(tmp_path, database, "csv", "people.csv")
    assert again.out == "2 rows: 1 created, 1 completed, 0 were here, 0 refused\n"
    third = bring(tmp_path, database, "csv", "people.csv")
    assert third.out == "2 rows: 0 created, 0 completed, 2 were here, 0 refused\n"
    with identity_of(database) as identity:
        assert verify_password(identity, "ada@example.com", PASSWORD).email == "ada@example.com"
        assert len(list_users(identity, Page()).data) == 2
        assert len(list_organizations(identity, Page()).data) == 1


def test_every_refused_row_is_named_with_its_line_and_the_reason(tmp_path: Path, database: str) -> None:
    rows = [
        "email,id,email_verified,password_hash,organization_id,role",
        "ada@example.com,user_ada,,,,",
        "not-an-address,,,,,",
        "b@example.com,,perhaps,,,",
        "c@example.com,,,plain-text,,",
        f"d@example.com,,,{BCRYPT[:20]},,",
        "e@example.com,,,,,admin",
        "f@example.com,,,,org_1,no-such-role",
        "g@example.com,bad id,,,,",
        "h@example.com",
        "b2@example.com,user_ada,,,,",
        "ok@example.com,,,,,",
    ]
    (tmp_path / "people.csv").write_bytes("\n".join(rows).encode() + b"\nx\xff@example.com,,,,,\n")
    done = bring(tmp_path, database, "csv", "people.csv")
    assert done.code == 1
    assert "people.csv.refused.ndjson says which" in done.err
    found = refusals(tmp_path, "people.csv")
    assert [each["line"] for each in found] == [3, 4, 5, 6, 7, 8, 9, 10, 13]
    assert all(each["reason"] for each in found)
    assert BCRYPT[:20] not in json.dumps(found)
    with identity_of(database) as identity:
        assert find_user_by_email(identity, "ok@example.com") is not None
        assert person(identity, "ada@example.com").id == "user_ada"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name\nAda\n", "no column email"),
        ("email,emial\n", "emial"),
        ("email,email\n", "twice"),
        ("", "no column email"),
    ],
)
def test_a_header_that_is_wrong_ends_it_at_once(
    tmp_path: Path, database: str, content: str, says: str
) -> None:
    (tmp_path / "people.csv").write_text(content)
    done = bring(tmp_path, database, "csv", "people.csv")
    assert (done.code, says in done.err) == (2, True)


def test_a_dry_run_says_the_same_and_keeps_nothing(tmp_path: Path, database: str) -> None:
    (tmp_path / "people.csv").write_text(CSV + "ada@example.com,,,,,,,,,\nwrong,,,,,,,,,\n")
    tried = bring(tmp_path, database, "csv", "people.csv", "--dry-run")
    assert tried.code == 1
    assert "2 created, 0 completed, 1 were here, 1 refused (nothing was kept" in tried.out
    with identity_of(database) as identity:
        assert not list_users(identity, Page()).data
    done = bring(tmp_path, database, "csv", "people.csv")
    assert done.out.strip() == tried.out.partition(" (")[0]


def test_an_import_that_stopped_goes_on_where_it_was(tmp_path: Path, database: str) -> None:
    lines = ["email", *(f"person{number}@example.com" for number in range(300)), "wrong"]
    (tmp_path / "people.csv").write_text("\n".join(lines))
    bring(tmp_path, database, "csv", "people.csv")
    with identity_of(database) as identity, identity.store.transaction() as tx:
        tx.connection.exec_driver_sql("DELETE FROM users")
    stopped = {
        "source": _fingerprint(tmp_path, database),
        "tally": {"rows": 200, "created": 200, "completed": 0, "refused": 0},
        "report": 0,
    }
    (tmp_path / "people.csv.import-checkpoint.json").write_text(json.dumps(stopped))
    done = bring(tmp_path, database, "csv", "people.csv")
    assert "200 rows are done" in done.err
    assert done.out == "301 rows: 300 created, 0 completed, 0 were here, 1 refused\n"
    assert not (tmp_path / "people.csv.import-checkpoint.json").exists()
    assert [each["line"] for each in refusals(tmp_path, "people.csv")] == [302]
    with identity_of(database) as identity:
        assert find_user_by_email(identity, "person199@example.com") is None
        assert find_user_by_email(identity, "person200@example.com") is not None
    (tmp_path / "people.csv.import-checkpoint.json").write_text(json.dumps(stopped))
    anew = bring(tmp_path, database, "csv", "people.csv", "--restart")
    assert "are done" not in anew.err


def _fingerprint(directory: Path, database: str) -> str:
    into = hashlib.sha256(database.encode()).hexdigest()[:16]
    return f"{CsvFile(directory / 'people.csv').fingerprint} into {into}"


AUTH0 = [
    {
        "user_id": "auth0|60425dc43519d90068f82973",
        "email": "ada@example.com",
        "email_verified": True,
        "given_name": "Ada",
        "name": "ada@example.com",
        "user_metadata": {"plan": "pro", "seats": 3, "tags": ["a"]},
        "identities": [
            {"provider": "auth0", "user_id": "60425dc43519d90068f82973", "connection": "Users"},
            {"provider": "google-oauth2", "user_id": 1153, "connection": "google-oauth2"},
        ],
    },
    {"user_id": "github|77", "email": "grace@example.com", "name": "Grace Hopper"},
    {"user_id": "sms|1", "phone_number": "+441", "email": ""},
    {"user_id": "auth0|2", "email": "out@example.com", "blocked": True},
]
HASHES = [
    {
        "_id": {"$oid": "60425dc43519d90068f82973"},
        "email": "ada@example.com",
        "email_verified": True,
        "passwordHash": BCRYPT,
        "connection": "Users",
    }
]


def test_people_come_from_auth0_with_their_passwords(tmp_path: Path, database: str) -> None:
    (tmp_path / "users.json").write_text("\n".join([*map(json.dumps, AUTH0), "nonsense", ""]))
    (tmp_path / "hashes.json").write_text("\n".join(map(json.dumps, HASHES)))
    done = bring(tmp_path, database, "auth0", "users.json", "--passwords", "hashes.json")
    assert done.out == "5 rows: 2 created, 0 completed, 0 were here, 3 refused\n"
    found = refusals(tmp_path, "users.json")
    assert [(each["line"], each["who"]) for each in found] == [(3, "sms|1"), (4, "auth0|2"), (5, "")]
    with identity_of(database) as identity:
        ada = verify_password(identity, "ada@example.com", PASSWORD)
        assert (ada.external_id, ada.first_name, ada.name) == ("auth0|60425dc43519d90068f82973", "Ada", None)
        assert ada.metadata == {"plan": "pro", "seats": "3", "tags": '["a"]'}
        linked = [(each.provider, each.idp_id) for each in list_identities(identity, ada.id)]
        assert linked == [("GoogleOAuth", "1153")]
        grace = person(identity, "grace@example.com")
        assert [each.idp_id for each in list_identities(identity, grace.id)] == ["77"]


def test_a_file_of_hashes_that_is_none_is_named(tmp_path: Path, database: str) -> None:
    (tmp_path / "users.json").write_text(json.dumps(AUTH0[0]))
    (tmp_path / "hashes.json").write_text('{"_id": {"$oid": "6"}}\n')
    done = bring(tmp_path, database, "auth0", "users.json", "--passwords", "hashes.json")
    assert (done.code, "hashes.json, line 1" in done.err) == (2, True)


def test_everything_comes_from_the_api_of_workos(tmp_path: Path, database: str) -> None:
    """Which this server speaks: what comes over the wire is what WorkOS would send."""
    (tmp_path / "theirs").mkdir()
    with running_server(tmp_path / "theirs") as theirs, theirs.client() as client:
        client.post("/authorization/permissions", json={"slug": "reports:read", "name": "Read"})
        client.post("/authorization/roles", json={"slug": "clerk", "name": "Clerk"})
        client.put("/authorization/roles/clerk/permissions", json={"permissions": ["reports:read"]})
        for number in range(3):
            body = {"email": f"p{number}@example.com", "external_id": f"x{number}", "email_verified": True}
            user = client.post("/user_management/users", json=body).json()
            organization = client.post(
                "/organizations",
                json={
                    "name": f"Company {number}",
                    "domain_data": [{"domain": f"company{number}.example", "state": "verified"}],
                },
            ).json()
            member = {"user_id": user["id"], "organization_id": organization["id"], "role_slug": "clerk"}
            made = client.post("/user_management/organization_memberships", json=member)
            assert made.status_code == 201, made.text
        done = vestibule(
            tmp_path,
            *("import", "workos", "--url", theirs.url, "--database", database),
            stdin=theirs.api_key + "\n",
            **ENVIRONMENT,
        )
        assert (done.code, done.err) == (0, "")
        assert done.out == "12 rows: 10 created, 0 completed, 2 were here, 0 refused\n"
        with identity_of(database) as identity:
            kept = {each.id: each.external_id for each in list_users(identity, Page()).data}
            members = [list_active_memberships(identity, each)[0][0] for each in kept]
            assert {each.role for each in members} == {"clerk"}
            assert get_role(identity, "clerk").permissions == ("reports:read",)
            domains = list_domains(identity, [each.organization_id for each in members])
        shown = client.get("/user_management/users").json()["data"]
        assert kept == {each["id"]: each["external_id"] for each in shown}
        assert len({each.id for each in members}) == 3
        assert {(each.domain, each.state) for found in domains.values() for each in found} == {
            (f"company{number}.example", "verified") for number in range(3)
        }
        refused = vestibule(
            tmp_path,
            *("import", "workos", "--url", theirs.url, "--database", database),
            stdin="sk_test_wrong\n",
            **ENVIRONMENT,
        )
        assert (refused.code, "refuses this API key" in refused.err) == (2, True)


def test_what_is_done_of_one_environment_is_not_done_of_another() -> None:
    """The addresses are the same: the key tells them apart, and is not written down."""

    def send(request: HttpRequest) -> HttpResponse:
        return HttpResponse(503)

    staging, production = (WorkOSApi("https://api.example", key=key, send=send) for key in KEYS)
    again = WorkOSApi("https://api.example/", key=KEYS[0], send=send)
    assert staging.fingerprint == again.fingerprint != production.fingerprint
    assert KEYS[0] not in staging.fingerprint


def test_lines_of_objects_or_of_pages_come_from_a_file(tmp_path: Path, database: str) -> None:
    user = {"object": "user", "id": "user_1", "email": "ada@example.com", "email_verified": True}
    page = {"object": "list", "data": [{"object": "organization", "id": "org_1", "name": "Acme"}, user]}
    membership = {
        **{"object": "organization_membership", "id": "om_1", "user_id": "user_1"},
        **{"organization_id": "org_1", "role": {"slug": "member"}, "status": "inactive"},
    }
    lines = [page, membership, {"object": "connection", "id": "conn_1"}, {"object": "user"}]
    (tmp_path / "dump.ndjson").write_text("\n".join(map(json.dumps, lines)))
    done = bring(tmp_path, database, "workos", "dump.ndjson")
    assert done.out == "5 rows: 3 created, 0 completed, 0 were here, 2 refused\n"
    assert [each["line"] for each in refusals(tmp_path, "dump.ndjson")] == [3, 4]


STRANGE: list[dict[str, Any]] = [
    {"object": "user", "id": "user_1", "email": 5},
    {
        "object": "user",
        "id": "user_1",
        "email": "a@example.com",
        "password_hash": 5,
        "password_hash_type": "ssha",
    },
    {"object": "role", "slug": 7, "name": "Clerk"},
    {"object": "role", "slug": "clerk", "name": "Clerk", "permissions": [{"slug": "reports:read"}]},
    {"object": "organization", "id": 5, "name": "Acme"},
    {"object": "organization", "id": "org_1", "name": "Acme", "domains": [{"domain": 5}]},
    {
        **{"object": "organization_membership", "id": "om_1", "user_id": "ada@example.com"},
        **{"organization_id": "org_0", "role": {"slug": "\ud800"}},
    },
]


def test_a_row_of_the_wrong_types_is_refused_and_the_others_come(tmp_path: Path, database: str) -> None:
    good = [
        {"object": "organization", "id": "org_0", "name": "Acme"},
        {"object": "user", "id": "user_0", "email": "ada@example.com"},
    ]
    lines = [*good, *STRANGE, {"object": "user", "id": "user_9", "email": "grace@example.com"}]
    (tmp_path / "dump.ndjson").write_text("\n".join(map(json.dumps, lines)))
    done = bring(tmp_path, database, "workos", "dump.ndjson")
    assert done.out == "10 rows: 3 created, 0 completed, 0 were here, 7 refused\n"
    assert [each["line"] for each in refusals(tmp_path, "dump.ndjson")] == [3, 4, 5, 6, 7, 8, 9]


def test_an_account_elsewhere_that_cannot_be_stored_is_refused(tmp_path: Path, database: str) -> None:
    row = {"user_id": "auth0|1", "email": "ada@example.com"}
    strange = row | {"identities": [{"provider": "github", "user_id": "7\ud800"}]}
    (tmp_path / "users.json").write_text(json.dumps(strange))
    done = bring(tmp_path, database, "auth0", "users.json")
    assert done.out == "1 rows: 0 created, 0 completed, 0 were here, 1 refused\n"


@pytest.mark.postgres
def test_rows_come_into_postgresql_and_a_dry_run_leaves_it_alone(tmp_path: Path, cluster: Cluster) -> None:
    database = cluster.url(cluster.create_database())
    (tmp_path / "people.csv").write_text(CSV + "wrong,,,,,,,,,\nada@example.com,,,,,,,,,\n")
    tried = bring(tmp_path, database, "csv", "people.csv", "--dry-run")
    with identity_of(database) as identity:
        assert not list_users(identity, Page()).data
    done = bring(tmp_path, database, "csv", "people.csv")
    assert done.out == "4 rows: 2 created, 0 completed, 1 were here, 1 refused\n"
    assert tried.out.startswith(done.out.strip())


def test_a_server_goes_on_serving_while_people_come(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, server.client() as client:
        (tmp_path / "people.csv").write_text("email\n" + "\n".join(f"p{n}@example.com" for n in range(200)))
        database = f"sqlite:///{tmp_path / 'vestibule.db'}"
        done = bring(tmp_path, database, "csv", "people.csv")
        assert done.code == 0
        answer: httpx2.Response = client.get("/user_management/users", params={"email": "p199@example.com"})
        assert len(answer.json()["data"]) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("$2y$10$abc", "bcrypt"),
        ("$argon2id$v=19$m=1", "argon2"),
        ("argon2$argon2id$v=19", "argon2"),
        ("pbkdf2_sha256$260000$salt$hash", "pbkdf2"),
        ("bcrypt_sha256$$2b$12$", "bcrypt"),
        ("$firebase-scrypt$hash=x", "firebase-scrypt"),
        ("scrypt$16384$salt$8$1$hash", "scrypt"),
        ("{SSHA}abc", "ssha"),
        ("{SSHA256}abc", "ssha256"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", None),
    ],
)
def test_a_hash_says_what_it_is(text: str, kind: str | None) -> None:
    assert hash_kind(text) == kind
