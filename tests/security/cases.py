"""The attack cases: an id, what happens in one line, and what it waits for if there is nothing to attack."""

from dataclasses import dataclass

SAML = "SAML connections"
SCIM = "directory sync"
SOCIAL = "sign-in with other providers"
DASHBOARD = "the dashboard"


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    group: str
    title: str
    waiting: str = ""


def _group(name: str, *rows: tuple[str, str] | tuple[str, str, str]) -> tuple[Case, ...]:
    return tuple(Case(row[0], name, *row[1:]) for row in rows)


CASES = (
    *_group(
        "Cookie and seal",
        ("CK-1", "Any byte of a sealed session changed: signed out, and every failure looks the same"),
        ("CK-2", "A seal cut, doubled or relabeled: signed out"),
        ("CK-3", "A sign-in's state as session, or a session as state: refused by shape"),
        ("CK-4", "A session past its absolute age, rightly sealed: refused and cleared"),
        ("CK-5", "An odd or unknown password id in the seal: refused"),
        ("CK-8", "A session that outgrows a cookie: explained, never a loop"),
    ),
    *_group(
        "Access tokens",
        ("JW-1", "Unsigned tokens: refused"),
        ("JW-2", "Our public key used as a shared secret: refused"),
        ("JW-3", "Right signatures by other algorithms: refused"),
        ("JW-4", "Times missing, odd, past or ahead: refused"),
        ("JW-5", "Tokens of another kind as access token: refused"),
        ("JW-6", "An issuer that only resembles ours: refused"),
        ("JW-7", "Members that occur twice: refused"),
        ("JW-8", "Deep, long and large tokens: refused at once"),
        ("JW-9", "Other spellings of the same token: refused"),
    ),
    *_group(
        "Key set",
        ("JK-1", "A flood of unknown key ids: one fetch per cooldown"),
        ("JK-2", "A key set that fails in any way: the last good one stays, nobody is signed out"),
        ("JK-3", "Unusable keys in the set: left out, the others work"),
        ("JK-4", "Another key under an old id: one fetch, then the old one is refused"),
        ("JK-5", "A key set that redirects: not followed"),
    ),
    *_group(
        "State, verifier and callback",
        ("PS-1", "A state that is not this browser's: refused before anything is exchanged"),
        ("PS-2", "No verifier cookie: refused, with what may have kept it away"),
        ("PS-3", "Too old, or from the future: refused"),
        ("PS-4", "An error with markup in it: shown as text, verifier cleared"),
        ("PS-5", "The same callback again: no second exchange, the first session untouched"),
        ("PS-6", "Three tabs, finished in reverse: all succeed"),
        ("PS-7", "Many abandoned sign-ins: cookies do not pile up"),
    ),
    *_group(
        "Open redirects",
        ("OR-1", "Return paths that leave the origin: they stay"),
        ("OR-2", "Redirect URIs that resemble a registered one: a page, never a redirect"),
        ("OR-3", "An unregistered target after sign-out: ignored"),
        ("OR-4", "Odd characters in return paths: the front page, no header begins"),
    ),
    *_group(
        "Requests from other sites",
        ("CS-1", "A change asked for by another site: 403"),
        ("CS-2", "A change by GET, HEAD or an override: refused"),
        ("CS-3", "No form token, or another browser's: 403"),
        ("CS-4", "Bodies that a foreign form can send: refused"),
    ),
    *_group(
        "Passwords",
        ("PW-1", "Any characters, up to 1,024: taken exactly; more are refused before hashing"),
        ("PW-2", "Passwords and addresses of another type: 422"),
        ("PW-3", "Common and obvious passwords: refused when set, flagged when used"),
        ("PW-5", "Many sign-ins at once: hashing waits in line, the rest goes on"),
    ),
    *_group(
        "Who has an account",
        ("EN-1", "Sign-in: one answer for every reason to refuse"),
        ("EN-2", "Sign-up and reset: one answer for known and unknown"),
        ("EN-3", "Known and unknown take the same time"),
    ),
    *_group(
        "Limits",
        ("RL-1", "One account tried from many addresses: slowed, the owner gets in"),
        ("RL-2", "Many accounts tried from one address: stopped"),
        ("RL-3", "A new forwarded address with each try: one place all the same"),
        ("RL-4", "The count cannot be kept: nobody gets in uncounted, and the log says so"),
        ("RL-6", "A hundred guesses of a code at once: five are looked at"),
    ),
    *_group(
        "Refresh tokens",
        ("RT-1", "Used again after the window: the session ends"),
        ("RT-2", "Used again inside it: the same successor, one generation"),
        ("RT-3", "Another client's token: refused, and it stays good"),
        ("RT-4", "After sign-out, a new password, removal: refused"),
        ("RT-5", "Two tabs and two processes at once: nothing lost, nothing doubled"),
        ("RT-6", "Used again inside the window after its successor: refused, the session stays"),
    ),
    *_group(
        "Signing out",
        ("LO-1", "A cookie copied before: not refreshed, and dead with its access token"),
        ("LO-2", "An unknown or foreign session id: no effect"),
        ("LO-3", "A new password: every other session ends"),
    ),
    *_group(
        "Organizations",
        ("OG-1", "A switch without an active membership: refused, the session intact"),
        ("OG-2", "An organization that asks for SSO or a second factor: step-up"),
        ("OG-3", "Ids of others: answered as ids that do not exist"),
    ),
    *_group(
        "Invitations",
        ("IN-1", "Used, revoked, expired, altered: one page"),
        ("IN-2", "Opened while signed in as somebody else: refused"),
        ("IN-3", "To a role above one's own: 403"),
        ("IN-4", "Accepted many times at once: one membership"),
    ),
    *_group(
        "Codes by mail",
        ("EV-1", "Another request's, browser's or address's code: refused"),
        ("EV-2", "Late or used: refused"),
        ("EV-3", "A new code: the old one is dead"),
        ("EV-4", "Blanks are trimmed, digits of other scripts are none"),
    ),
    *_group(
        "Password reset",
        ("RS-1", "Used, expired, overtaken: refused"),
        ("RS-2", "With a second factor: it is still asked"),
        ("RS-3", "Two mails: the newest works; then every session is over"),
    ),
    *_group(
        "One-time passwords",
        ("TO-1", "One code twice at once: one success"),
        ("TO-2", "Codes of other steps: refused"),
        ("TO-3", "An unconfirmed factor: not usable, not in the way"),
        ("TO-4", "Between the factors: nothing opens"),
    ),
    *_group(
        "Passkeys",
        ("PK-1", "Used, old or foreign challenges: refused"),
        ("PK-2", "Another origin: refused"),
        ("PK-3", "No presence, no verification: refused"),
        ("PK-4", "A counter that goes back: handled by policy"),
        ("PK-5", "Somebody else's credential: refused"),
    ),
    *_group(
        "SAML",
        ("SA-1", "Wrapped signatures", SAML),
        ("SA-2", "Missing, foreign and weak signatures", SAML),
        ("SA-3", "Entities, bombs, sizes", SAML),
        ("SA-4", "Conditions that do not hold", SAML),
        ("SA-5", "The same assertion twice", SAML),
        ("SA-6", "Answers to nobody's question", SAML),
        ("SA-7", "Comments inside names", SAML),
        ("SA-9", "More than one assertion", SAML),
        ("SA-10", "Confused namespaces and attributes", SAML),
        ("SA-11", "A relay state that leads away", SAML),
    ),
    *_group(
        "Other providers",
        ("OI-1", "ID tokens that are not for us: refused"),
        ("OI-2", "Discovery that contradicts its address: refused"),
        ("OI-3", "Addresses nobody has proved: refused"),
        ("OI-4", "Userinfo about somebody else: refused"),
    ),
    *_group(
        "Authorization server",
        ("AS-1", "A code used twice, late, elsewhere or without its verifier: refused"),
        ("AS-2", "Challenges that are none, and `plain`: refused"),
        ("AS-3", "Other response types and grants: refused"),
        ("AS-4", "Revocation and introspection of foreign tokens: silence"),
    ),
    *_group(
        "Directory sync",
        ("SC-1", "Another directory's token", SCIM),
        ("SC-2", "Attributes that are not theirs to set", SCIM),
        ("SC-3", "Hostile filters", SCIM),
        ("SC-4", "Deactivation ends sessions", SCIM),
        ("SC-5", "The same name twice", SCIM),
    ),
    *_group(
        "Webhooks",
        ("WH-1", "Inner addresses, however written: refused when saved and when sent"),
        ("WH-2", "A redirect: not followed, and counted as refused"),
        (
            "WH-3",
            "Receivers silent, endless or broken: left on time, and nobody else waits",
        ),
        ("WH-4", "Altered, old and unsigned deliveries: refused by both official SDKs"),
        ("WH-5", "Names that change their address: looked up once, connected to what was checked"),
    ),
    *_group(
        "Pages and administration",
        ("AD-1", "Markup in names: text in pages and mails"),
        ("AD-2", "Every page forbids scripts, frames and what else it does not need"),
        ("AD-3", "No key, no answer from any management operation"),
        ("AD-4", "First start: no default password outside a development server"),
    ),
    *_group(
        "API keys and impersonation",
        ("AK-1", "No operation without a key, whatever the body names"),
        ("AK-2", "Revoked, cut, or in the address: 401"),
        ("AK-3", "Impersonated sessions: marked, limited, and never into operators"),
        ("AK-4", "A key is shown once and kept as a hash"),
    ),
    *_group(
        "Hosts and proxies",
        ("HH-1", "Host and forwarded headers of strangers: no effect on links, cookies or paths"),
        ("HH-2", "Behind a proxy that ends TLS: cookies stay Secure"),
        ("HH-4", "Headers of other products: no authentication by header"),
    ),
    *_group(
        "Sizes",
        ("SZ-1", "Bodies too long, too deep, too many, without end: refused, the server goes on"),
        ("SZ-2", "Cookies without measure: refused, or nobody"),
        ("SZ-4", "Text that is none: refused before the database"),
    ),
    *_group(
        "Look-alikes",
        ("UN-1", "Letters that resemble others: another account, or refused"),
        ("UN-2", "Spellings of one domain: one account"),
        ("UN-4", "Names that garble a page: refused"),
    ),
    *_group(
        "Header injection",
        ("HI-1", "Line breaks in addresses and names: 422, no extra header or recipient"),
        ("HI-2", "Line breaks in parameters: one answer, no extra header"),
    ),
    *_group(
        "Caches",
        ("CA-1", "A cache in front, two users: nobody gets the other's cookie or page"),
        ("CA-2", "Paths dressed up as files: not found, or not stored"),
        ("CA-4", "304 and HEAD: no cookie of others, none lost"),
    ),
    *_group(
        "Secrets",
        ("LG-1", "Canaries through every flow: in no log, event or repr"),
        ("LG-2", "The same when everything fails"),
        ("LG-3", "Line breaks and escapes in foreign text: one line in the log"),
    ),
)
