import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vestibule.server.identity.claims_template import TemplateError, parse, render

SHAPE: dict[str, Any] = {
    "user": {"email": None, "first_name": None, "age": None, "metadata": {"*": None}},
    "organization": {"domains": {"#": {"domain": None}}, "settings": ...},
}
ADA: dict[str, Any] = {
    "user": {
        "email": 'ada"@example.com',
        "first_name": None,
        "age": 36,
        "metadata": {"tier": "{{user.email}}"},
    },
    "organization": {"domains": [{"domain": "example.com"}], "settings": {"a": [1, {"b": True}]}},
}


def rendered(source: str, data: dict[str, Any] = ADA) -> Any:
    return render(parse(source, SHAPE), data)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{"a": {{ user.email }}}', 'ada"@example.com'),
        ('{"a": "{{user.email}}"}', 'ada"@example.com'),
        ('{"a": "<{{user.email}}> {{user.age}}"}', '<ada"@example.com> 36'),
        ('{"a": {{user.age}}}', 36),
        ('{"a": {{user.first_name}}}', None),
        ('{"a": "{{user.first_name}}"}', ""),
        ('{"a": "{{ user.first_name || \'nobody\' }}"}', "nobody"),
        ('{"a": {{ user.first_name || user.metadata.none || "x" }}}', "x"),
        ('{"a": {{ user.first_name || 7 }}}', 7),
        ('{"a": {{ user.first_name || false }}}', False),
        ('{"a": {{ null || null }}}', None),
        ('{"a": {{ user.metadata.tier }}}', "{{user.email}}"),  # data is never read as a template
        ('{"a": {{ organization.domains.0.domain }}}', "example.com"),
        ('{"a": {{ organization.domains.7.domain }}}', None),
        ('{"a": {{ organization.settings.a.1.b }}}', True),
        ('{"a": {{ organization.domains }}}', [{"domain": "example.com"}]),
        ('{"a": "{{ organization.settings.a }}"}', '[1,{"b":true}]'),
        ('{"a": [1, -2.5, true, null, {"b": {{user.age}}}]}', [1, -2.5, True, None, {"b": 36}]),
        ('{"a": "\\u00e9\\n\\"{ }} \\ud83d\\ude00"}', 'é\n"{ }} 😀'),
        ('{"a": {}}', {}),
        ('{"a": []}', []),
    ],
)
def test_a_template_is_filled_in(source: str, expected: Any) -> None:
    assert rendered(source) == {"a": expected}


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("", 1, 1),
        ("[]", 1, 1),
        ('"text"', 1, 1),
        ("{{user}}", 1, 1),
        ('{"a": 1} x', 1, 10),
        ('{"a": 1, "a": 2}', 1, 10),
        ('{"a" 1}', 1, 6),
        ('{"a": 01}', 1, 7),
        ('{"a": 1e999}', 1, 7),
        ('{"a": NaN}', 1, 7),
        ('{"a": "x}', 1, 10),
        ('{"a": "\\x"}', 1, 8),
        ('{"a": "\\ud83d"}', 1, 15),
        ('{\n  "{{user.email}}": 1}', 2, 3),
        ('{\n\n  "a": {{ user.password }}\n}', 3, 11),
        ('{"a": {{ user.email.x }}}', 1, 10),
        ('{"a": {{ user.metadata.a.b }}}', 1, 10),
        ('{"a": {{ nobody.email }}}', 1, 10),
        ('{"a": {{ organization.domains.first.domain }}}', 1, 10),
        ('{"a": "{{ user.metadata }}"}', 1, 11),
        ('{"a": "{{ user }}"}', 1, 11),
        ('{"a": {{ }}}', 1, 10),
        ('{"a": {{ user.email | upper }}}', 1, 21),
        ('{"a": {{ user.email || }}}', 1, 24),
        ('{"a": {{ user.email', 1, 20),
        ('{"a": {{ {{ user.email }} }}}', 1, 10),
        ('{"a": ' + "[" * 20 + "]" * 20 + "}", 1, 15),
    ],
)
def test_what_is_wrong_is_found_where_it_is(source: str, line: int, column: int) -> None:
    with pytest.raises(TemplateError) as found:
        parse(source, SHAPE)
    assert (found.value.line, found.value.column) == (line, column), str(found.value)


@pytest.mark.parametrize(
    "hostile",
    [
        "user.__class__",
        "user.__class__.__mro__.1.__subclasses__",
        "user.email.__len__",
        "user['email']",
        "user.email()",
        "user.keys",
        "self",
        "config.secret",
        "request.headers",
        "user.email if true else 1",
        "user.email + 'x'",
        "7*7",
        "range(10)",
        "lipsum.__globals__",
        "''.__class__",
        "user.email|attr('x')",
        "'a' 'b'",
        "'\\x41'",
        "user..email",
        ".email",
        "user.email.",
        "$user",
        "ußer.email",
        "user.ema\u0131l",
        "{% for x in user %}",
        "#{user.email}",
        "${user.email}",
        "user.email}} {{user.email",
        "'}}'",
    ],
)
def test_reg_CVE_2026_25227_nothing_but_paths_and_texts_is_understood(hostile: str) -> None:
    for source in ('{"a": {{ ' + hostile + " }}}", '{"a": "{{ ' + hostile + ' }}"}'):
        if "}} {{" in hostile and source.startswith('{"a": "'):
            continue  # two expressions in one text, which is fine
        with pytest.raises(TemplateError):
            parse(source, SHAPE)


def test_other_languages_are_plain_text_inside_of_texts() -> None:
    for text in ("{% for x in y %}", "${7*7}", "<%= 7 %>", "#{7}", "{ {user.email} }", "$(id)"):
        assert rendered(json.dumps({"a": text})) == {"a": text}


def test_a_template_without_expressions_is_read_as_json_is() -> None:
    @settings(max_examples=150, deadline=None)
    @given(
        st.dictionaries(
            st.text(max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
                ),
                max_leaves=6,
            ),
            max_size=4,
        )
    )
    @example({"": {"": []}})
    def check(data: dict[str, Any]) -> None:
        source = json.dumps(data)
        if "{{" not in source:
            assert rendered(source) == data

    check()


@given(st.text(alphabet='{}[]":,|. \\u"\'userem0-\n', max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_does_anything_but_parse_or_be_refused(source: str) -> None:
    with contextlib.suppress(TemplateError):
        json.dumps(rendered(source))


def test_the_work_is_bounded() -> None:
    with pytest.raises(TemplateError, match="500 values"):
        parse("{" + ",".join(f'"a{number}": {{{{user.age}}}}' for number in range(501)) + "}", SHAPE)
