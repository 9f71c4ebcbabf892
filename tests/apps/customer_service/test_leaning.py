import pytest

from apps.customer_service.pipeline.asking import weigh
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.leaning import leans
from apps.customer_service.sample import questions
from apps.customer_service.schemas.asking import Turn
from core.app import Services


@pytest.mark.parametrize(
    ("said", "leaning"),
    [
        ("and abroad?", "yes"),
        ("What about at the weekend?", "yes"),
        ("even for children?", "yes"),
        ("how long does that take?", "yes"),
        ("Can I send it back?", "yes"),
        ("On a Sunday too?", "yes"),
        ("why?", "yes"),
        ("could you make that my office?", "yes"),
        ("does the rest expire?", "yes"),
        ("Who delivers the sofas?", "perhaps"),
        ("How do I freeze my card?", "perhaps"),
        ("What does a replacement card cost when mine is stolen?", "no"),
        ("My daughter lost her card. Can you block it?", "no"),
        ("Is it true that you close on bank holidays?", "no"),
        ("Will it rain in Leeds on Saturday afternoon?", "no"),
        ("Und am Wochenende?", "yes"),
        ("Wie lange dauert es?", "yes"),
        ("Was kostet eine neue Karte im Ausland?", "no"),
        ("Et pour les enfants ?", "yes"),
        ("Combien coûte la livraison d'un canapé en Irlande ?", "no"),
        ("¿Y en el extranjero?", "yes"),
        ("", "yes"),
        ("🙂", "yes"),
    ],
)
def test_a_message_points_back_or_does_not(said: str, leaning: str):
    assert leans(said) == leaning


@pytest.mark.parametrize("part", ["tune", "test"])
def test_of_the_sample_few_are_taken_the_wrong_way(part: str):
    rows = list(questions(part))
    following = [leans(row["text"]) for row in rows if row.get("turns")]
    single = [leans(row["text"]) for row in rows if not row.get("turns")]
    assert following.count("no") <= 0.1 * len(following)
    assert single.count("yes") <= 0.07 * len(single)


def test_talk_about_something_else_changes_nothing_for_a_question_of_its_own(services: Services):
    shop = services.collections.ensure("shop")
    rows = [
        {"id": "card", "question": "What does a replacement card cost?", "answer": "A replacement card costs £5."},
        {"id": "sofa", "question": "Who delivers sofas?", "answer": "Two people bring a sofa to your room."},
        {
            "id": "stairs",
            "question": "Do you bring sofas upstairs?",
            "answer": "Sofas are brought up to the third floor.",
        },
    ]
    import_rows(rows, shop)
    before = [Turn(role="user", text="Who delivers sofas?"), Turn(role="agent", text="Two people bring a sofa.")]
    asked = "What does a replacement card cost when mine is stolen?"
    assert weigh(shop, asked, before) == weigh(shop, asked, ())
    assert weigh(shop, "And upstairs?", before).hits[0].document in ("sofa", "stairs")
    assert weigh(shop, "And upstairs?", before) != weigh(shop, "And upstairs?", ())
