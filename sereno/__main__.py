"""`python -m sereno`: the same as the command `sereno`."""

from sereno.command import main

if __name__ == "__main__":
    main()
