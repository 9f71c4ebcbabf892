"""What the desk keeps in SQL: conversations with their entries, people and queues; where its knowledge comes from."""

from apps.customer_service.store import canned as canned
from apps.customer_service.store import drafts as drafts
from apps.customer_service.store import erasure as erasure
from apps.customer_service.store import feedback as feedback
from apps.customer_service.store import inbound as inbound
from apps.customer_service.store import intents as intents
from apps.customer_service.store import knowledge_tables as knowledge_tables
from apps.customer_service.store import proposals as proposals
from apps.customer_service.store import tables as tables
from apps.customer_service.store import webhook_tables as webhook_tables
