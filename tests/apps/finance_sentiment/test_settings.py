"""Settings stand in groups in the code, and under one name each in files and the environment."""

import pytest
from pydantic import ValidationError

from apps.finance_sentiment.settings import FinanceSettings, SendingSettings
from core.settings import read_settings


def test_a_setting_of_any_group_has_its_name_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIVIUM_APPS__FINANCE_SENTIMENT__SMTP_HOST", "mail.example")
    monkeypatch.setenv("TRIVIUM_APPS__FINANCE_SENTIMENT__SIGNAL_DECADES", "6")
    found = FinanceSettings.of(read_settings())
    assert (found.smtp_host, found.signal_decades, found.mood_model) == ("mail.example", 6.0, "market-mood")
    assert isinstance(found, SendingSettings)


def test_a_name_that_no_group_has_is_refused():
    with pytest.raises(ValidationError, match="smtp_hots"):
        FinanceSettings(smtp_hots="mail.example")  # type: ignore[call-arg]
