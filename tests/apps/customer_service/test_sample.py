"""What the demo loads beside documents: canned replies, once, onto a shelf that nobody has filled."""

from apps.customer_service import sample
from apps.customer_service.app import app
from apps.customer_service.pipeline.canned import VARIABLES, variables_of
from apps.customer_service.store.canned import CannedReplies
from core.app import Services
from core.migrations import upgrade


def test_the_sample_brings_replies_with_every_variable_and_leaves_a_shelf_as_it_is(services: Services):
    upgrade(services.database, [app])
    replies = CannedReplies(services.database, services.clock)
    assert "canned replies" in sample.load(services)
    names = [row.name for row in replies.all()]
    assert {name for row in replies.all() for name in variables_of(row.text)} == set(VARIABLES)
    replies.remove("greeting")
    assert "canned replies" not in sample.load(services)
    assert [row.name for row in replies.all()] == [name for name in names if name != "greeting"]
