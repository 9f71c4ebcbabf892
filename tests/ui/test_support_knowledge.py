from streamlit.testing.v1 import AppTest

from tests.ui.support_desk import ARTICLES, Desk


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


def test_adding_nothing_asks_for_a_file(open_desk):
    screen = press(show(open_desk()), "Add")
    assert screen.warning[0].value == "Choose files first."
