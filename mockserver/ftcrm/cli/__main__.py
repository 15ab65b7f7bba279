"""`python -m ftcrm.cli`, where the command `ftcrm` is not on the path."""

from ftcrm.cli import main

main(prog_name="ftcrm")
