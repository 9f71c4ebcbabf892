"""What the monitor keeps in SQL."""

from apps.finance_sentiment.store import entity_tables as entity_tables
