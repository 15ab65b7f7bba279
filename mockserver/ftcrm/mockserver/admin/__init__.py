"""The admin API, prefix /_ftcrm: what was received, what it was judged, and what came out."""

from ftcrm.mockserver.admin.app import AdminApi

__all__ = ["AdminApi"]
