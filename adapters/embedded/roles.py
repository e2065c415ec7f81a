"""The role that the platform works as: owner of what it makes, and of nothing else.

The role that made the cluster may run programs and read files on the machine
(``COPY … PROGRAM``); whoever came to speak SQL in the platform's name must not.
"""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096
"""As PostgreSQL makes them (`scram_iterations`); the passwords here are random, and need no slowing down."""

SALT_BYTES = 16

APPLICATION = "application"

OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
OWNED_BY_COLUMNS = "SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S'"
"""Sequences of columns go with their tables."""


def role_script(database: str, password: str) -> str:
    """Statements, one a line, that make the role and hand it all there is in ``database``; repeatable.

    The password stands in them as a verifier: a statement that failed would be
    quoted in the log.
    """
    every_one = (
        "FOR it IN SELECT {name} AS name FROM {of} WHERE {ours} LOOP EXECUTE format('{alter}', it.name); END LOOP;"
    )
    loops = [
        every_one.format(
            name="quote_ident(n.nspname)",
            of="pg_namespace n",
            ours=f"{OURS} AND n.nspname <> 'public'",
            alter=f"ALTER SCHEMA %s OWNER TO {APPLICATION}",
        ),
        every_one.format(
            name="c.oid::regclass",
            of="pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace",
            ours=f"{OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS ({OWNED_BY_COLUMNS})",
            alter=f"ALTER TABLE %s OWNER TO {APPLICATION}",
        ),
        every_one.format(
            name="p.oid::regprocedure",
            of="pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace",
            ours=OURS,
            alter=f"ALTER ROUTINE %s OWNER TO {APPLICATION}",
        ),
    ]
    statements = [
        f"DO $$ BEGIN CREATE ROLE {APPLICATION}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"ALTER ROLE {APPLICATION} LOGIN PASSWORD '{scram_verifier(password)}'",
        f"ALTER DATABASE {database} OWNER TO {APPLICATION}",
        f"DO $$ DECLARE it record; BEGIN {' '.join(loops)} END $$",
    ]
    return "\n".join(statements)


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of an ASCII password (RFC 5803): good for checking it, and not for showing it."""
    salt = secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    client_key, server_key = (hmac.digest(salted, purpose, "sha256") for purpose in (b"Client Key", b"Server Key"))
    stored, server, told = (
        base64.b64encode(each).decode() for each in (hashlib.sha256(client_key).digest(), server_key, salt)
    )
    return f"SCRAM-SHA-256${ITERATIONS}:{told}${stored}:{server}"
