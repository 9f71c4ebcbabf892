"""The recommender keeps what every app promises."""

from apps.recommender.app import app
from core.testing.contract import check_app


def test_the_app_keeps_the_contract():
    check_app(app)
