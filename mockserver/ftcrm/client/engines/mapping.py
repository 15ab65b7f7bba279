"""The file that says where an engine's rounds are, and what of them stands where."""

from pathlib import Path

import msgspec

from ftcrm.client.engines.http import HttpRoutes
from ftcrm.contracts.engines import FieldMapping
from ftcrm.contracts.errors import ConfigurationError, FtcrmError

__all__ = ["MappingFile"]


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON file with the words of a `FieldMapping`, and beside them `routes`, which are `HttpRoutes`."""

    fields: dict[str, str] = {}
    values: dict[str, dict[str, str | bool | None]] = {}
    given: dict[str, str] = {}
    routes: HttpRoutes | None = None

    @classmethod
    def read(cls, path: Path, *, option: str) -> "MappingFile":
        """The file that the option names.

        Raises:
            ConfigurationError: it cannot be read, or is no mapping; the message names the option and the file.
        """
        try:
            found = msgspec.json.decode(path.read_bytes(), type=cls)
            found.mapping  # noqa: B018 - it refuses fields that there are not
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            expected = 'a JSON object with "fields", "values", "given" and "routes"'
            raise ConfigurationError(f"{option} {path}: expected {expected}, got: {error}") from None
        except OSError as error:
            expected = "a file that can be read"
            raise ConfigurationError(f"{option} {path}: expected {expected}, got: {error.strerror}") from None
        except FtcrmError as error:
            raise ConfigurationError(f"{option} {path}: {error}") from None
        return found

    @property
    def mapping(self) -> FieldMapping | None:
        """What it says of fields; None where that is nothing."""
        if not (self.fields or self.values or self.given):
            return None
        return FieldMapping(fields=self.fields, values=self.values, given=self.given)
