from urllib.parse import urlencode

import pytest

from tests.server.login.conftest import App
from tests.server.login.plain_browser import PlainBrowser


def speak(browser: PlainBrowser, header: str) -> PlainBrowser:
    browser._client.headers["accept-language"] = header
    return browser


def test_a_page_is_in_the_language_of_the_browser(app: App) -> None:
    page = app.begin(speak(app.browser(), "de-AT, en;q=0.5"))
    assert page.heading == "Anmelden"
    assert '<html lang="de" dir="ltr">' in page.response.text


def test_a_language_is_chosen_at_the_foot_and_kept(app: App) -> None:
    browser = speak(app.browser(), "de")
    page = browser.click(app.begin(browser), "العربية")
    assert page.heading == "تسجيل الدخول"
    assert '<html lang="ar" dir="rtl">' in page.response.text
    page = browser.send(page, "متابعة", عنوان_البريد_الإلكتروني="ada@example.com")
    assert page.heading == "أدخل كلمة مرورك", "the sign-in went on"
    assert app.begin(browser).heading == "تسجيل الدخول", "and so does the choice"


def test_an_application_names_the_language(app: App) -> None:
    browser = speak(app.browser(), "de")
    assert app.begin(browser, ui_locales="xx fr-CA de").heading == "Se connecter"
    assert app.begin(browser).heading == "Se connecter"


@pytest.mark.parametrize("asked", ["xx", "../de", "de\x00", "a" * 5_000])
def test_HI_an_odd_language_changes_nothing(app: App, asked: str) -> None:
    browser = app.browser()
    page = app.begin(browser)
    assert browser.get(f"{page.url}&{urlencode({'locale': asked})}").heading == "Sign in"
    assert browser.cookie("vestibule-language") is None


def test_mail_speaks_as_the_page_that_caused_it(app: App) -> None:
    browser = speak(app.browser(), "ja")
    page = browser.send(app.begin(browser), "続ける", メールアドレス="grace@example.com")
    browser.send(page, "代わりにコードをメールで受け取る")
    mail = app.mails("grace@example.com")[0]
    assert "のコードは" in mail.subject
    assert '<html lang="ja" dir="ltr">' in mail.html


def test_a_page_that_says_no_says_it_in_the_readers_words(app: App) -> None:
    browser = speak(app.browser(), "es")
    page = app.begin(browser, redirect_uri="https://elsewhere.example.com/")
    assert page.heading == "Este inicio de sesión no puede empezar"
    assert browser.get(app.server.url + "/nowhere").heading == "Aquí no hay nada"


def test_whoever_signs_up_in_a_language_is_written_to_in_it(app: App) -> None:
    browser = speak(app.browser(), "de")
    page = browser.click(app.begin(browser), "Konto anlegen")
    typed = {"E-Mail-Adresse": "neu@example.com", "Passwort": "acht rote Luftballons"}
    browser.send(page, "Konto anlegen", **typed)
    english = speak(app.browser(), "en")
    page = english.identify(app.begin(english), "neu@example.com")
    english.send(page, "Email me a code")
    subjects = [mail.subject for mail in app.mails("neu@example.com")]
    assert ["Ihr Code für Vestibule" in subject for subject in subjects] == [True, True]
