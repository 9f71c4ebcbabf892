"""What the monitor keeps in SQL."""

from apps.finance_sentiment.store import alert_tables as alert_tables
from apps.finance_sentiment.store import archive_tables as archive_tables
from apps.finance_sentiment.store import correction_tables as correction_tables
from apps.finance_sentiment.store import delivery_tables as delivery_tables
from apps.finance_sentiment.store import entity_tables as entity_tables
from apps.finance_sentiment.store import source_tables as source_tables
