"""Who is calling, what they may do, and how much of it: API keys, scopes, limits. No sessions, no passwords."""

from core.auth.demo import demo_key as demo_key
from core.auth.keys import create_key as create_key
from core.auth.keys import list_keys as list_keys
from core.auth.keys import revoke_key as revoke_key
