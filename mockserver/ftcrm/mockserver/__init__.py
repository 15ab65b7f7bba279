"""The stand-in server: three listeners, one journal, and everything that follows from it."""
