"""What the recommender keeps in SQL."""

from apps.recommender.store import answer_tables as answer_tables
from apps.recommender.store import event_tables as event_tables
from apps.recommender.store import experiment_tables as experiment_tables
from apps.recommender.store import item_tables as item_tables
from apps.recommender.store import rule_tables as rule_tables
from apps.recommender.store import visitor_tables as visitor_tables
