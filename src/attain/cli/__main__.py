"""`python -m attain.cli` is the same as `attain`."""

from attain.cli.main import main

main()
