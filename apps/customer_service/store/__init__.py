"""What the desk keeps in SQL: conversations with their entries, the people who answer, the queues they work on."""

from apps.customer_service.store import erasure as erasure
from apps.customer_service.store import feedback as feedback
from apps.customer_service.store import inbound as inbound
from apps.customer_service.store import tables as tables
from apps.customer_service.store import webhook_tables as webhook_tables
