"""Sans-IO protocol machines: bytes in, events out, bytes out; no sockets and no clock."""
