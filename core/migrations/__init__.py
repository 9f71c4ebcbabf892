"""The tables' history: core's versions here, each app's in its own folder."""

from core.migrations.runner import pending as pending
from core.migrations.runner import upgrade as upgrade
