# pip install "psycopg[binary]"
import os
import uuid

import psycopg

with psycopg.connect(os.environ["@CONNECTIONSTRING@"]) as connection:
    table = f"note_{uuid.uuid4().hex}"
    connection.execute(f"CREATE TABLE {table} (id serial PRIMARY KEY, text text NOT NULL)")
    connection.execute(f"INSERT INTO {table} (text) VALUES (%s)", ["hello from Python"])
    text, version = connection.execute(
        f"SELECT text, current_setting('server_version') FROM {table}"
    ).fetchone()
    connection.execute(f"DROP TABLE {table}")

print(f"ok: read '{text}' from PostgreSQL {version}")
