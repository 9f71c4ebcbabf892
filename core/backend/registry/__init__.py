"""Trained models as files: numbered, checksummed, never changed, one of them active. Opens no weights."""

from core.backend.registry.card import Backbone, Card, Dataset, Machine, Metric
from core.backend.registry.errors import (
    ActiveVersion,
    BadReference,
    CannotImport,
    CannotWrite,
    DamagedModel,
    DamagedPointer,
    DiskFull,
    EmptyDraft,
    NewerFormat,
    NoSuchModel,
    NoSuchVersion,
    NothingBefore,
    RefusedFile,
    ShippedVersion,
    TargetTaken,
)
from core.backend.registry.registry import Registry, Stamp
from core.backend.registry.versions import Version

__all__ = [
    "ActiveVersion",
    "Backbone",
    "BadReference",
    "CannotImport",
    "CannotWrite",
    "Card",
    "DamagedModel",
    "DamagedPointer",
    "Dataset",
    "DiskFull",
    "EmptyDraft",
    "Machine",
    "Metric",
    "NewerFormat",
    "NoSuchModel",
    "NoSuchVersion",
    "NothingBefore",
    "RefusedFile",
    "Registry",
    "ShippedVersion",
    "Stamp",
    "TargetTaken",
    "Version",
]
