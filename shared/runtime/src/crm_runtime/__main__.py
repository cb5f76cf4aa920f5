"""`python -m crm_runtime`: the same as the console script `crm`."""

from crm_runtime.cli.app import main

if __name__ == "__main__":
    main()
