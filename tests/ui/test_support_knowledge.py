import io
from datetime import date

import docx
from streamlit.testing.v1 import AppTest

from apps.customer_service.dashboard.adding import KINDS
from core.ingest.files import EXTENSIONS
from tests.ui.support_desk import ARTICLES, Desk

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def page(client):
    from apps.customer_service.dashboard import render

    render(client)


def show(desk: Desk, **address: str) -> AppTest:
    screen = AppTest.from_function(page, kwargs={"client": desk.client}, default_timeout=30)
    for name, value in {"view": "Knowledge", **address}.items():
        screen.query_params[name] = value
    return screen.run()


def press(screen: AppTest, words: str) -> AppTest:
    return next(button for button in screen.button if words in button.label).click().run()


def labels(screen: AppTest) -> list[str]:
    return [button.label for button in screen.button]


def html(screen: AppTest) -> str:
    return "\n".join(element.proto.body for element in screen.get("html"))


def add(screen: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    screen.file_uploader[0].set_value(list(files))
    return press(screen, "Add")


def test_the_list_names_each_document_and_opens_it(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    screen = show(desk)
    assert {"Fees", "Returns"} <= set(labels(screen))
    assert "fees.md" in html(screen)
    opened = press(screen, "Returns")
    assert "Send it back within thirty days." in html(opened)
    assert opened.query_params["open"] == "returns.md"


def test_a_long_list_is_paged(open_desk):
    desk = open_desk()
    desk.import_files({f"{n:02}.md": f"# Article {n:02}\n\nSome words.\n" for n in range(25)})
    screen = show(desk)
    assert "Article 19" in labels(screen)
    assert "Article 20" not in labels(screen)
    second = press(screen, "Next")
    assert "Article 24" in labels(second)
    assert "Article 00" not in labels(second)
    assert "Article 00" in labels(press(second, "Previous"))


def test_a_document_is_found_by_what_it_says(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    screen = show(desk, find="label in the parcel")
    assert labels(screen).index("Returns") < labels(screen).index("Fees")


def test_an_open_document_is_read_once(open_desk, monkeypatch):
    desk = open_desk()
    desk.import_files(ARTICLES)
    read, get = [], desk.client.get

    def counted(path, reply, **query):
        read.append(path)
        return get(path, reply, **query)

    monkeypatch.setattr(desk.client, "get", counted)
    assert "Send it back" in html(show(desk, open="returns.md"))
    assert read.count("/v1/support/documents/returns.md") == 1


def test_a_document_is_removed_only_after_a_second_word(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    screen = press(show(desk, open="fees.md"), "Remove it")
    assert "Fees" not in labels(screen)
    assert "was removed" in screen.toast[0].value
    assert desk.services.collections.get("support").stored("fees.md") is None
    assert "open" not in screen.query_params


def test_a_key_that_may_only_read_is_told_so_when_it_removes(open_desk):
    desk = open_desk(scopes=("support:read",))
    desk.import_files(ARTICLES)
    screen = press(show(desk, open="fees.md"), "Remove it")
    assert "support\\:write" in screen.error[0].value.replace(":\u2060", "\\:")
    assert desk.services.collections.get("support").stored("fees.md") is not None


def test_added_files_are_reported_one_by_one_with_the_reason_of_each_failure(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    screen = add(
        show(desk),
        ("hours.md", b"# Hours\n\nOpen from nine to five.\n", "text/markdown"),
        ("broken.pdf", b"not a PDF at all", "application/pdf"),
    )
    good, bad = [markdown.value for markdown in screen.markdown if markdown.value.startswith(":material/")]
    assert good == r":material/check_circle: hours\.md: 1 added"
    assert bad.startswith(r":material/error: broken\.pdf: not added: ")
    assert "Hours" in labels(screen)
    assert not screen.exception


def test_the_first_document_of_an_empty_desk_can_be_added_here(open_desk):
    desk = open_desk()
    screen = add(show(desk), ("hours.md", b"# Hours\n\nOpen from nine to five.\n", "text/markdown"))
    assert "Hours" in labels(screen)


def test_every_kind_of_file_that_can_be_imported_can_be_added_here(open_desk):
    assert {f".{kind}" for kind in KINDS} == set(EXTENSIONS)
    document = docx.Document()
    document.add_paragraph("Open from nine to five.")
    document.save(held := io.BytesIO())
    screen = add(show(open_desk()), ("hours.docx", held.getvalue(), WORD))
    assert any(r"hours\.docx: 1 added" in markdown.value for markdown in screen.markdown)


def test_adding_nothing_asks_for_a_file(open_desk):
    screen = press(show(open_desk()), "Add")
    assert screen.warning[0].value == "Choose files first."


AGENT = ("support:read", "support:write", "support:agent")
TWO = {
    "refunds.md": "# Refunds\n\nA refund to your card takes 5 days once we have the parcel.\n",
    "times.md": "# Refund times\n\nA refund to your card takes 10 days once we have the parcel.\n",
}


def test_who_may_see_a_document_is_set_beside_it_and_said_in_the_list(open_desk):
    desk = open_desk(scopes=AGENT)
    desk.import_files(ARTICLES)
    screen = show(desk, open="fees.md")
    screen.radio[0].set_value("Only our people")
    screen.date_input[1].set_value(date(2030, 6, 30))
    saved = press(screen, "Save")
    assert "Saved" in saved.toast[0].value
    metadata = desk.services.collections.get("support").stored("fees.md").meta
    assert (metadata["audience"], metadata["valid_until"]) == ("internal", "2030-06-30T23:59:59+00:00")
    assert "internal" in html(show(desk))
    assert "until 30 Jun 2030" in html(show(desk))
    again = press(show(desk, open="fees.md"), "Go by the source again")
    assert not again.exception
    assert desk.services.collections.get("support").stored("fees.md").meta == {}


def test_a_key_that_may_not_see_internal_documents_is_told_so_when_it_sets_them(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    screen = show(desk, open="fees.md")
    screen.radio[0].set_value("Only our people")
    assert "support\\:agent" in press(screen, "Save").error[0].value.replace(":\u2060", "\\:")


def test_a_contradiction_is_shown_with_both_places_and_can_be_put_aside(open_desk):
    desk = open_desk(scopes=AGENT)
    desk.import_files(TWO)
    screen = show(desk, part="Warnings")
    assert any("different times" in markdown.value for markdown in screen.markdown)
    opened = press(screen, "Refund times")
    assert opened.query_params["open"] == "times.md"
    assert '<mark class="chosen"' in html(opened)
    done = press(show(desk, part="Warnings"), "Put aside")
    assert any("No document contradicts another" in markdown.value for markdown in done.markdown)
    aside = done.toggle[0].set_value(True).run()
    assert "Show again" in labels(aside)


def test_the_test_bench_says_why_and_shows_every_signal(open_desk):
    desk = open_desk(scopes=AGENT)
    desk.import_files(ARTICLES)
    screen = show(desk, part="Test bench")
    screen.text_input[0].set_value("What does cash cost?")
    tried = press(screen, "Try")
    assert not tried.exception
    assert any("so it answers" in caption.value for caption in tried.caption)
    assert any("of the question's words" in caption.value for caption in tried.caption)
    assert {"Fees", "Returns"} <= set(labels(tried)) | {
        found.replace(":blue[", "").rstrip("]") for found in labels(tried)
    }


def test_trying_nothing_asks_for_a_question(open_desk):
    desk = open_desk()
    desk.import_files(ARTICLES)
    assert press(show(desk, part="Test bench"), "Try").warning[0].value == "Type a question first."
