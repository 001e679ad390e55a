"""Runs acceptance scenarios with the unmodified Python client against a running server.

Environment: ENDPOINT (such as http://localhost:8080), ROOT_SECRET (the secret of app:para), SECTIONS (such as "4.1 4.8").
Prints one line per failed assertion and, last, 'N passed, N failed'; exit status 1 when something failed.
"""
import importlib
import logging
import os
import sys

from apps import Server
from checks import Checks

SECTIONS = {
    "4.1": "authentication",
    "4.2": "single_objects",
    "4.3": "batches",
    "4.4": "unusual_ids",
    "4.5": "lists",
    "4.6": "search",
    "4.6-similar-nearby": "search_similar_nearby",
    "4.7": "links",
    "4.8": "utilities",
    "4.9": "constraints_votes",
    "4.10": "permissions",
    "4.11": "settings",
    "4.12": "tokens",
    "4.13": "password_users",
    "4.14": "administration",
    "4.15": "tolerance",
    "4.16": "concurrency",
    "4.17": "scoold",
}


def main():
    endpoint, secret = os.environ.get("ENDPOINT", ""), os.environ.get("ROOT_SECRET", "")
    if not endpoint or not secret:
        sys.exit("set ENDPOINT and ROOT_SECRET")
    wanted = os.environ.get("SECTIONS", "").split() or list(SECTIONS)
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        sys.exit(f"unknown sections {' '.join(unknown)}; known: {' '.join(SECTIONS)}")
    logging.disable(logging.CRITICAL)  # the client logs each expected refusal
    server, checks = Server(endpoint.rstrip("/"), secret), Checks()
    for name in wanted:
        passed, failed = checks.passed, checks.failed
        with checks.scenario(name):
            importlib.import_module("sections." + SECTIONS[name]).run(server, checks)
        outcome = "ok" if checks.failed == failed else "FAILED"
        count = checks.passed - passed + checks.failed - failed
        print(f"python {name} {SECTIONS[name]}: {outcome}, {count} checks", flush=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
