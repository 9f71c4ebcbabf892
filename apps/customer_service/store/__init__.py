"""What the desk keeps in SQL: conversations with their entries, the people who answer, the queues they work on."""

from apps.customer_service.store import feedback as feedback
from apps.customer_service.store import proposals as proposals
from apps.customer_service.store import tables as tables
