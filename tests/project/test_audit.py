"""What `make audit` concludes from a report: a finding fails, a silent service is no news."""

from scripts.audit import PLANTED, judge, trust

FINE: dict[str, object] = {"name": "anyio", "version": "4.16.0", "vulns": []}
FOUND: dict[str, object] = {
    "name": "jinja2",
    "version": "2.4.1",
    "vulns": [{"id": "PYSEC-2014-8", "fix_versions": ["2.7.2"], "aliases": [], "description": ""}],
}
SKIPPED: dict[str, object] = {"name": "flask", "skip_reason": "Dependency not found"}


def test_a_vulnerable_pin_fails_and_is_named() -> None:
    verdict = judge("requirements/dev.txt", [FINE, FOUND])
    assert verdict.exit_code == 1
    assert verdict.lines == ("requirements/dev.txt: jinja2 2.4.1: PYSEC-2014-8, mended in 2.7.2",)


def test_nothing_found_passes() -> None:
    assert judge("r.txt", [FINE]).lines == ("r.txt: no known vulnerability in 1 packages",)
    assert judge("r.txt", [FINE]).exit_code == 0


def test_a_service_that_does_not_answer_is_said_aloud() -> None:
    verdict = judge("r.txt", [SKIPPED, SKIPPED])
    assert verdict.exit_code == 0
    assert "NOT CHECKED" in verdict.lines[0]


def test_a_package_that_alone_could_not_be_looked_up_fails() -> None:
    verdict = judge("r.txt", [FINE, SKIPPED])
    assert verdict.exit_code == 1
    assert "flask" in verdict.lines[0]


def test_an_audit_that_misses_the_planted_version_fails() -> None:
    planted = {**FOUND, "name": PLANTED.partition("==")[0]}
    assert trust([planted]).exit_code == 0
    assert "found" in trust([planted]).lines[0]
    missed = trust([{**planted, "vulns": []}])
    assert missed.exit_code == 1
    assert "NOT FOUND" in missed.lines[0]
    for report in ([], [SKIPPED]):
        assert "NOT CHECKED" in trust(report).lines[0]
        assert trust(report).exit_code == 0
