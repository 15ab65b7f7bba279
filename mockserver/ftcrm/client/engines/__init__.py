"""Engines under test that live elsewhere: behind HTTP, or in a command; and what names an engine on a command line."""

from ftcrm.client.engines.command import CommandEngine
from ftcrm.client.engines.http import HttpEngine, HttpRoutes
from ftcrm.client.engines.mapping import MappingFile
from ftcrm.client.engines.opening import engine_from

__all__ = ["CommandEngine", "HttpEngine", "HttpRoutes", "MappingFile", "engine_from"]
